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
count(struct board_slot *slot, int status)
{
	board_count(slot,
	    &(struct board_request){ .status = status,
		.route = 3,
		.micros = 1500,
		.bytes_in = 10,
		.bytes_out = 20 });
}

static void
test_growth(void)
{
	struct board b, reader;
	struct board_slot *before;

	ok(board_create(&b, path, 2, 7), "a board of two slots");
	ok(b.slots[1].pool == BOARD_NO_POOL, "which are nobody's");
	b.slots[1].pool = 4;
	count(&b.slots[1], 200);
	ok(board_open(&reader, path), "somebody reads it");
	before = &reader.slots[1];
	ok(board_grow(&b, 5), "it grows");
	ok(board_slots(&b) == 5, "to five slots");
	ok(b.slots[1].pool == 4 && board_get(&b.slots[1].requests) == 1,
	    "what stood there stands there");
	ok(b.slots[4].pool == BOARD_NO_POOL, "the new ones are nobody's");
	count(&b.slots[1], 200);
	ok(board_get(&before->requests) == 2, "and goes on counting");
	ok(board_slots(&reader) == 5 && reader.slots[4].pool == BOARD_NO_POOL,
	    "who has it mapped sees all of it");
	ok(!board_grow(&b, BOARD_SLOTS_MAX + 1) && errno == ENOSPC,
	    "there is an end to it");
	board_close(&reader);
	board_remove(&b, path);
	ok(access(path, F_OK) < 0, "it is taken away");
	board_close(&b);
}

/* Locks are a process's own: another one is needed to meet them. */
static int
try_in_child(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		struct board b;

		_exit(board_create(&b, path, 1, 7) ? 0 : errno);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void
test_holder(void)
{
	struct board b;

	ok(board_create(&b, path, 1, 7), "a board");
	ok(try_in_child() == EADDRINUSE, "is not another's to replace");
	ok(access(path, F_OK) == 0, "and lies where it was");
	board_let_go(&b);
	ok(try_in_child() == 0, "once it is let go, it is");
	board_remove(&b, path);
	ok(access(path, F_OK) == 0, "then it is not ours to take away");
	board_close(&b);
	unlink(path);
}

static void
test_fold(void)
{
	struct board old, b;

	ok(board_create(&old, path, 3, 7), "an old board");
	old.slots[0].pool = old.slots[2].pool = 1;
	count(&old.slots[0], 200);
	count(&old.slots[0], 404);
	count(&old.slots[2], 200);
	ok(board_create(&b, path, 3, 7), "a new one in its place");
	b.slots[1].pool = 1;
	board_fold(&b, &old);
	ok(board_get(&b.slots[1].requests) == 3, "has all requests");
	ok(board_get(&b.slots[1].by_class[2]) == 2, "by class");
	ok(board_get(&b.slots[1].latency[11]) == 3, "by time");
	ok(board_get(&b.slots[1].by_route[3]) == 3, "by route");
	b.head->routes = 8;
	board_fold(&b, &old);
	ok(board_get(&b.slots[1].by_route[3]) == 3,
	    "but not where routes have other numbers");
	board_close(&old);
	board_close(&b);
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
