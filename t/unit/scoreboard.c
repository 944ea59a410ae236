/*
 * The scoreboard grows, one process holds it, and its counters are handed on.
 */
#include "lib/shm/scoreboard.h"
#include "t/unit/tap.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64];

static void
count(struct scoreboard_slot *slot, int status)
{
	scoreboard_count(slot,
	    &(struct scoreboard_request){ .status = status,
		.route = 3,
		.micros = 1500,
		.bytes_in = 10,
		.bytes_out = 20 });
}

static void
test_growth(void)
{
	struct scoreboard b, reader;
	struct scoreboard_slot *before;

	ok(scoreboard_create(&b, path, 2, 7),
	    "create a scoreboard of two slots");
	ok(b.slots[1].pool == SCOREBOARD_NO_POOL, "a new slot has no pool");
	b.slots[1].pool = 4;
	count(&b.slots[1], 200);
	ok(scoreboard_open(&reader, path), "open it to read");
	before = &reader.slots[1];
	ok(scoreboard_grow(&b, 5), "grow it");
	ok(scoreboard_slots(&b) == 5, "it has five slots");
	ok(b.slots[1].pool == 4 && scoreboard_get(&b.slots[1].requests) == 1,
	    "slots keep their content");
	ok(b.slots[4].pool == SCOREBOARD_NO_POOL, "added slots have no pool");
	count(&b.slots[1], 200);
	ok(scoreboard_get(&before->requests) == 2,
	    "a reader sees counts made after growth");
	ok(scoreboard_slots(&reader) == 5 &&
		reader.slots[4].pool == SCOREBOARD_NO_POOL,
	    "a reader sees the added slots");
	ok(!scoreboard_grow(&b, SCOREBOARD_SLOTS_MAX + 1) && errno == ENOSPC,
	    "growth beyond the limit fails with ENOSPC");
	scoreboard_close(&reader);
	scoreboard_remove(&b, path);
	ok(access(path, F_OK) < 0, "remove deletes the file");
	scoreboard_close(&b);
}

/* A process does not conflict with its own locks. */
static int
try_in_child(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		struct scoreboard b;

		_exit(scoreboard_create(&b, path, 1, 7) ? 0 : errno);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void
test_holder(void)
{
	struct scoreboard b;

	ok(scoreboard_create(&b, path, 1, 7), "create a scoreboard");
	ok(try_in_child() == EADDRINUSE, "another process gets EADDRINUSE");
	ok(access(path, F_OK) == 0, "the file stays in place");
	scoreboard_let_go(&b);
	ok(try_in_child() == 0,
	    "another process replaces it once it is let go");
	scoreboard_remove(&b, path);
	ok(access(path, F_OK) == 0,
	    "remove does not delete the file of another process");
	scoreboard_close(&b);
	unlink(path);
}

static void
test_fold(void)
{
	struct scoreboard old, b;

	ok(scoreboard_create(&old, path, 3, 7), "create an old scoreboard");
	old.slots[0].pool = old.slots[2].pool = 1;
	count(&old.slots[0], 200);
	count(&old.slots[0], 404);
	count(&old.slots[2], 200);
	ok(scoreboard_create(&b, path, 3, 7), "create a new one in its place");
	b.slots[1].pool = 1;
	scoreboard_fold(&b, &old);
	ok(scoreboard_get(&b.slots[1].requests) == 3, "fold adds requests");
	ok(scoreboard_get(&b.slots[1].by_class[2]) == 2,
	    "fold adds requests by class");
	ok(scoreboard_get(&b.slots[1].latency[11]) == 3, "fold adds latencies");
	ok(scoreboard_get(&b.slots[1].by_route[3]) == 3,
	    "fold adds requests by route");
	b.head->routes = 8;
	scoreboard_fold(&b, &old);
	ok(scoreboard_get(&b.slots[1].by_route[3]) == 3,
	    "fold skips routes if the route tables differ");
	scoreboard_close(&old);
	scoreboard_close(&b);
	unlink(path);
}

int
main(void)
{
	snprintf(path, sizeof(path), "/tmp/io7-scoreboard-%d", (int)getpid());
	test_growth();
	test_holder();
	test_fold();
	return tap_done();
}
