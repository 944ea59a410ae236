/*
 * Durable commits: no answer leaves a keeper before the log is on the disk, and
 * commits that arrive together wait for the disk together. fdatasync() is ours.
 */
#include "t/unit/keepers.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { CLIENTS = 8 };

/* Shared with the keepers. */
static struct disk {
	_Atomic bool fails;
	_Atomic unsigned calls;
	_Atomic unsigned allowed; /* later calls wait */
} * disk;

/* The spawner is executed anew, and is a child of the test. */
static void
share_disk(bool is_spawner)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/shm/io7-synced-%d",
	    is_spawner ? getppid() : getpid());
	fd = open(path, O_RDWR | O_CLOEXEC | (is_spawner ? 0 : O_CREAT), 0600);
	if (fd < 0 || ftruncate(fd, sizeof(*disk)) < 0)
		abort();
	disk = mmap(NULL, sizeof(*disk), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (disk == MAP_FAILED)
		abort();
	close(fd);
	/* Both have it. */
	if (is_spawner)
		unlink(path);
}

/* SQLite's calls of fdatasync() arrive here. */
int sync_data(int fd) __asm__("fdatasync");

int
sync_data(int fd)
{
	unsigned call = ++disk->calls;

	while (call > disk->allowed)
		clock_sleep(NS_PER_MS);
	if (disk->fails) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

static struct keepers *clients[CLIENTS];
static struct keeper_order orders[CLIENTS];

static void
begin(size_t i, const char *sql)
{
	orders[i] = order_of(KEEPER_PIPELINE, "synced");
	orders[i].body = pipeline_of(NULL, sql, false);
	ok(keeper_begin(clients[i], &orders[i]) == OK, "a request is sent");
}

static const char *
end(size_t i)
{
	const char *answer = finish(clients[i]);

	keeper_end(clients[i]);
	return answer;
}

static bool
has_answer(size_t i)
{
	struct str piece;

	return keeper_next(clients[i], &piece) != KEEPER_WAIT;
}

static void
wait_for_call(unsigned call)
{
	while (disk->calls < call)
		clock_sleep(NS_PER_MS);
}

/*
 * While the first commit waits for the disk, all others arrive, and reads of
 * what was written.
 */
static void
test_together(void)
{
	unsigned calls = disk->calls;
	bool early = false;

	disk->allowed = calls;
	begin(0, "insert into a values(0)");
	wait_for_call(calls + 1);
	ok(!has_answer(0), "no answer before the commit is on the disk");
	for (size_t i = 1; i < CLIENTS; i++)
		begin(i,
		    i % 2 ? "insert into a values(1)"
			  : "select count(*) from a");
	disk->allowed = calls + 1;
	ok(is_done(end(0)), "then there is one");
	wait_for_call(calls + 2);
	for (size_t i = 1; i < CLIENTS; i++)
		early = early || has_answer(i);
	ok(!early, "commits that arrived together wait together");
	disk->allowed = UINT_MAX;
	for (size_t i = 1; i < CLIENTS; i++)
		ok(is_done(end(i)), "then all are answered");
	is_int(disk->calls - calls, 2, "after one call for all of them");
}

static void
test_alone(void)
{
	unsigned calls = disk->calls;

	ok(has(run(clients[0], "synced", "select 1"), "\"value\":\"1\""),
	    "a read alone is answered");
	is_int(disk->calls - calls, 0, "and does not wait for the disk");
	ok(has(run(clients[0], "synced",
		   "insert into a values(5) returning rowid"),
	       "\"value\""),
	    "a write that returns rows");
	is_int(disk->calls - calls, 1, "waits for it");
}

/* A read in the same turn may have seen a commit that is lost. */
static void
test_failure(void)
{
	unsigned calls = disk->calls;
	const char *answer;

	disk->allowed = calls;
	begin(0, "insert into a values(2)");
	wait_for_call(calls + 1);
	begin(1, "insert into a values(3)");
	begin(2, "select count(*) from a");
	disk->fails = true;
	disk->allowed = UINT_MAX;
	ok(has(end(0), "the outcome is unknown"),
	    "a commit that did not reach the disk is not acknowledged");
	ok(end(1)[0] == '!', "nor is the next one");
	ok(end(2)[0] == '!', "nor does a read see it");
	disk->fails = false;
	/* The last keeper may not have closed this connection yet. */
	do
		answer = run(clients[3], "synced", "select 7");
	while (answer[0] == '!');
	ok(has(answer, "\"value\":\"7\""),
	    "then another keeper opens the database");
}

int
main(int argc, char **argv)
{
	(void)argc;
	share_disk(strcmp(argv[0], SPAWNER_NAME) == 0);
	disk->allowed = UINT_MAX;
	stage_run(argv);
	stage.options.level = LOG_ALERT;
	stage_open();
	for (size_t i = 0; i < CLIENTS; i++)
		clients[i] = keepers_new(stage.socket);
	ok(is_done(run(clients[0], "synced", "create table a(n)")),
	    "a database is made");
	for (size_t i = 0; i < CLIENTS; i++)
		ok(is_done(run(clients[i], "synced", "select 1")),
		    "a client is connected");
	test_together();
	test_alone();
	test_failure();
	for (size_t i = 0; i < CLIENTS; i++)
		keepers_free(clients[i]);
	return stage_end();
}
