/*
 * The board: it grows, it is kept for one, and its counters are handed on.
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

	ok(scoreboard_create(&b, path, 2, 7), "a board of two slots");
	ok(b.slots[1].pool == SCOREBOARD_NO_POOL, "which are nobody's");
	b.slots[1].pool = 4;
	count(&b.slots[1], 200);
	ok(scoreboard_open(&reader, path), "somebody reads it");
	before = &reader.slots[1];
	ok(scoreboard_grow(&b, 5), "it grows");
	ok(scoreboard_slots(&b) == 5, "to five slots");
	ok(b.slots[1].pool == 4 && scoreboard_get(&b.slots[1].requests) == 1,
	    "what stood there stands there");
	ok(b.slots[4].pool == SCOREBOARD_NO_POOL, "the new ones are nobody's");
	count(&b.slots[1], 200);
	ok(scoreboard_get(&before->requests) == 2, "and goes on counting");
	ok(scoreboard_slots(&reader) == 5 &&
		reader.slots[4].pool == SCOREBOARD_NO_POOL,
	    "who has it mapped sees all of it");
	ok(!scoreboard_grow(&b, SCOREBOARD_SLOTS_MAX + 1) && errno == ENOSPC,
	    "there is an end to it");
	scoreboard_close(&reader);
	scoreboard_remove(&b, path);
	ok(access(path, F_OK) < 0, "it is taken away");
	scoreboard_close(&b);
}

/* Locks are a process's own: another one is needed to meet them. */
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

	ok(scoreboard_create(&b, path, 1, 7), "a board");
	ok(try_in_child() == EADDRINUSE, "is not another's to replace");
	ok(access(path, F_OK) == 0, "and lies where it was");
	scoreboard_let_go(&b);
	ok(try_in_child() == 0, "once it is let go, it is");
	scoreboard_remove(&b, path);
	ok(access(path, F_OK) == 0, "then it is not ours to take away");
	scoreboard_close(&b);
	unlink(path);
}

static void
test_fold(void)
{
	struct scoreboard old, b;

	ok(scoreboard_create(&old, path, 3, 7), "an old board");
	old.slots[0].pool = old.slots[2].pool = 1;
	count(&old.slots[0], 200);
	count(&old.slots[0], 404);
	count(&old.slots[2], 200);
	ok(scoreboard_create(&b, path, 3, 7), "a new one in its place");
	b.slots[1].pool = 1;
	scoreboard_fold(&b, &old);
	ok(scoreboard_get(&b.slots[1].requests) == 3, "has all requests");
	ok(scoreboard_get(&b.slots[1].by_class[2]) == 2, "by class");
	ok(scoreboard_get(&b.slots[1].latency[11]) == 3, "by time");
	ok(scoreboard_get(&b.slots[1].by_route[3]) == 3, "by route");
	b.head->routes = 8;
	scoreboard_fold(&b, &old);
	ok(scoreboard_get(&b.slots[1].by_route[3]) == 3,
	    "but not where routes have other numbers");
	scoreboard_close(&old);
	scoreboard_close(&b);
	unlink(path);
}

int
main(void)
{
	snprintf(path, sizeof(path), "/tmp/io7-board-%d", (int)getpid());
	test_growth();
	test_holder();
	test_fold();
	return tap_done();
}
