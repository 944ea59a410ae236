/*
 * Keepers and their spawner: requests, limits, leaving and coming back.
 */
#include "t/unit/keepers.h"

enum {
	CURSOR_ROWS = 20000,
	MANY = 200, /* databases opened in turn */
	PSS_MAX_KIB = 3 * 1024,
};

static struct keepers *keepers;

static const char *
sql(const char *name, const char *text)
{
	return run(keepers, name, text);
}

static void
test_requests(void)
{
	ok(is_done(sql("one", "create table a(b)")),
	    "a database is made when it is first asked for");
	ok(is_done(sql("one", "insert into a values(42)")), "a row is written");
	ok(has(sql("one", "select b from a"), "\"42\""), "and read");
	ok(has(sql("one", "select file from pragma_database_list"),
	       "\"value\":\"database\""),
	    "no path of the host is shown");
}

static void
test_death(void)
{
	pid_t pids[4] = { 0 };

	ok(keepers_of(stage.spawner, pids, 4) == 1, "one keeper runs");
	kill(pids[0], SIGKILL);
	wait_for_keepers(0);
	ok(has(sql("one", "select b from a"), "\"42\""),
	    "a killed keeper is replaced, and a commit is still there");
}

static void
test_missing(void)
{
	struct keeper_order order = order_of(KEEPER_FACTS, "none");

	order.make = false;
	ok(has(ask(keepers, order), "!not_found"),
	    "a missing database is not found");
	order.name = "../one";
	ok(has(ask(keepers, order), "!bad_request"),
	    "a name with other characters is refused");
}

/* 150 statements in a batch: a credit is asked for after the first hundred. */
static void
test_credit(bool may)
{
	struct keeper_order order = order_of(KEEPER_PIPELINE, "one");
	enum keeper_state state;
	unsigned credits = 0;
	struct str piece;
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, "{\"requests\":[");
	for (int i = 0; i < 150; i++)
		buf_puts(&b,
		    "{\"type\":\"execute\",\"stmt\":{\"sql\":\"select 1\"}},");
	buf_puts(&b, "{\"type\":\"close\"}]}");
	order.body = buf_view(&b);
	(void)!keeper_begin(keepers, &order);
	while ((state = keeper_wait(keepers, &piece)) < KEEPER_DONE)
		if (state == KEEPER_CREDIT) {
			credits++;
			keeper_allow(keepers, may);
		}
	if (may)
		ok(state == KEEPER_DONE && credits == 1 &&
			keeper_result(keepers)->statements == 150,
		    "a pipeline of 150 statements asks for a credit");
	else
		ok(keeper_result(keepers)->statements <= 100,
		    "without the credit no other statement runs");
	keeper_end(keepers);
}

/* Of a client that reads nothing until others were answered. */
static void
test_slow_reader(void)
{
	struct keeper_order order = order_of(KEEPER_CURSOR, "one");
	struct keepers *other = keepers_new(stage.socket);
	enum keeper_state state;
	size_t bytes = 0;
	struct str piece;
	bool fine = true;

	order.body = STR("{\"batch\":{\"steps\":[{\"stmt\":{\"sql\":\""
			 "with recursive n(i) as (select 1 union all select"
			 " i+1 from n where i < 20000) select i,"
			 " hex(zeroblob(100)) from n\"}}]}}");
	ok(keeper_begin(keepers, &order) == OK &&
		keeper_wait(keepers, &piece) == KEEPER_OUTPUT,
	    "a cursor begins");
	for (int i = 0; i < 20; i++)
		fine = is_done(run(other, "one", "select 1")) && fine;
	ok(fine, "a slow reader of a cursor does not block others");
	for (bytes = piece.n;
	     (state = keeper_wait(keepers, &piece)) == KEEPER_OUTPUT;)
		bytes += piece.n;
	ok(state == KEEPER_DONE && bytes > 200 * CURSOR_ROWS,
	    "all its rows come (%zu bytes)", bytes);
	keeper_end(keepers);
	keepers_free(other);
}

static void
test_hang_up(void)
{
	struct keeper_order order = order_of(KEEPER_PIPELINE, "one");
	struct str piece;

	order.body = pipeline_of(NULL,
	    "with recursive n(i) as (select 1 union all select i+1 from n)"
	    " select count(*) from n",
	    false);
	order.deadline_ns = clock_mono_ns() + 200 * NS_PER_MS;
	ok(keeper_begin(keepers, &order) == OK &&
		keeper_wait(keepers, &piece) == KEEPER_FAILED,
	    "a statement runs into the deadline of its request");
	keeper_end(keepers);
	ok(has(sql("one", "select b from a"), "\"42\""),
	    "it is interrupted, and the keeper goes on");
}

/* A stream waits for the transaction of another one, and gets its turn. */
static void
test_locks(void)
{
	struct keepers *other = keepers_new(stage.socket);
	struct keeper_order order = order_of(KEEPER_PIPELINE, "one");
	const char *baton;

	baton = baton_of(run_in(keepers, "one", NULL, "begin immediate", true));
	ok(baton != NULL, "a transaction begins");
	order.body = pipeline_of(NULL, "insert into a values(2)", false);
	ok(keeper_begin(other, &order) == OK, "another stream writes");
	baton = baton_of(
	    run_in(keepers, "one", baton, "insert into a values(1)", true));
	ok(baton != NULL, "the first stream writes, too");
	ok(is_done(run_in(keepers, "one", baton, "commit", false)),
	    "and commits");
	ok(is_done(finish(other)), "the other stream has waited for that");
	keeper_end(other);
	keepers_free(other);
}

/* --- Files ---------------------------------------------------------------- */

static int
export_file(const char *name)
{
	struct keeper_order order = order_of(KEEPER_EXPORT, name);
	int fd;

	(void)!keeper_begin(keepers, &order);
	is_str(finish(keepers), "", "a database is exported");
	fd = keeper_file(keepers);
	keeper_end(keepers);
	return fd;
}

static const char *
import_file(const char *name, int fd, uint64_t size_max)
{
	struct keeper_order order = order_of(KEEPER_IMPORT, name);
	static char bytes[100000];
	const char *answer;
	ssize_t n = 1;

	order.size_max = size_max;
	(void)!keeper_begin(keepers, &order);
	for (off_t at = 0; n > 0; at += n) {
		n = pread(fd, bytes, sizeof(bytes), at);
		if (n < 0 ||
		    keeper_feed(keepers, (struct str){ bytes, (size_t)n }) !=
			OK)
			break;
	}
	answer = finish(keepers);
	keeper_end(keepers);
	return answer;
}

static void
test_files(void)
{
	int fd = export_file("one"), junk = open("/proc/self/exe", O_RDONLY);
	struct keeper_order order = order_of(KEEPER_CHECK, "copy");
	char head[16] = "";

	ok(pread(fd, head, 15, 0) == 15 && strcmp(head, "SQLite format 3") == 0,
	    "as a file of SQLite");
	is_str(import_file("copy", fd, 1 << 30), "", "and imported as another");
	ok(has(sql("copy", "select b from a"), "\"42\""), "with its content");
	is_str(ask(keepers, order), "", "that is whole");
	ok(has(import_file("one", junk, 1 << 30), "!bad_request"),
	    "a file that is no database is refused");
	ok(has(import_file("one", junk, 10000), "!storage_full"),
	    "a file that is too large ends early");
	ok(has(sql("one", "select b from a"), "\"42\""),
	    "the content has stayed");
	close(fd);
	close(junk);
}

/* Of a database that takes many steps to copy. */
static void
test_export_lets_others_run(void)
{
	struct keepers *others[2];
	struct keeper_order order = order_of(KEEPER_EXPORT, "large");
	unsigned answered = 0;
	struct str piece;
	bool fine = true;

	ok(is_done(sql("large",
	       "create table a as with recursive n(i) as (select 1 union all"
	       " select i+1 from n where i < 16000)"
	       " select randomblob(4000) b from n")),
	    "a large database is made");
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		others[i] = keepers_new(stage.socket);
	ok(keeper_begin(keepers, &order) == OK &&
		keeper_begin(others[0], &order) == OK,
	    "two copies of it begin");
	while (keeper_next(keepers, &piece) == KEEPER_WAIT) {
		fine = is_done(run(others[1], "large",
			   "insert into a values(1)")) &&
		    fine;
		answered++;
	}
	ok(fine && answered > 1, "%u requests are answered meanwhile",
	    answered);
	is_str(finish(keepers), "", "a copy is complete");
	keeper_end(keepers);
	is_str(finish(others[0]), "", "and so is the other one");
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		keepers_free(others[i]);
}

/* Its connection is closed before the copy is complete. */
static void
test_export_is_left(void)
{
	struct keeper_order order = order_of(KEEPER_EXPORT, "large");
	char path[400];

	ok(keeper_begin(keepers, &order) == OK, "a copy begins");
	keeper_end(keepers);
	ok(is_done(sql("large", "select 1")), "a worker leaves it");
	snprintf(path, sizeof(path), "%s/large/export", stage.options.folder);
	while (access(path, F_OK) == 0)
		clock_sleep(NS_PER_MS);
	close(export_file("large"));
	order.kind = KEEPER_DROP;
	is_str(ask(keepers, order), "", "and the next one is complete");
}

static void
test_drop(void)
{
	struct keeper_order order = order_of(KEEPER_DROP, "one");
	char path[400];

	is_str(ask(keepers, order), "", "a database is dropped");
	snprintf(path, sizeof(path), "%s/one", stage.options.folder);
	ok(access(path, F_OK) < 0, "its folder is gone");
	is_str(ask(keepers, order), "", "dropping it again is fine");
}

/* --- Many ----------------------------------------------------------------- */

static void
test_eviction(void)
{
	char name[24];
	pid_t pids[64];
	size_t most = 0, n;
	bool fine = true;

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many-%d", i % (MANY / 2));
		fine = is_done(sql(name, "select 1")) && fine;
		n = keepers_of(stage.spawner, pids, ARRAY_LEN(pids));
		most = n > most ? n : most;
	}
	ok(fine, "%d databases are opened in turn", MANY);
	ok(most == stage.options.keepers, "%zu keepers at most", most);
}

static void
test_busy(void)
{
	const char *batons[4] = { NULL };
	char name[24];
	bool fine = true;

	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "busy-%d", i);
		batons[i] =
		    baton_of(run_in(keepers, name, NULL, "begin", true));
		fine = batons[i] && fine;
	}
	ok(fine, "all keepers have an open transaction");
	ok(has(sql("busy-4", "select 1"), "!unavailable"),
	    "no other database can be opened then");
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "busy-%d", i);
		fine = is_done(
			   run_in(keepers, name, batons[i], "commit", false)) &&
		    fine;
	}
	ok(fine, "the transactions go on");
	ok(is_done(sql("busy-4", "select 1")),
	    "it can be opened when they have ended");
}

/* Streams without a transaction do not keep other databases closed. */
static void
test_idle_streams(void)
{
	char name[24];
	bool fine = true;

	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "idle-%d", i);
		fine =
		    baton_of(run_in(keepers, name, NULL, "select 1", true)) &&
		    fine;
	}
	ok(fine, "more databases have an open stream than may be open");
}

/* A keeper in a long statement reads no messages either. */
static void
test_silent(void)
{
	struct keeper_order order = order_of(KEEPER_FACTS, "silent");
	pid_t pids[4];
	size_t n;
	enum err e = OK;

	sql("silent", "select 1");
	n = keepers_of(stage.spawner, pids, ARRAY_LEN(pids));
	for (size_t i = 0; i < n; i++)
		kill(pids[i], SIGSTOP);
	for (int i = 0; i < 2000 && e == OK; i++) {
		struct keepers *k = keepers_new(stage.socket);

		e = keeper_begin(k, &order);
		keepers_free(k);
	}
	is_int(e, E_UNAVAILABLE, "a keeper has too many messages to read");
	is_str(ask(keepers, order_of(KEEPER_DROP, "nowhere")), "",
	    "the spawner does not wait for it");
	for (size_t i = 0; i < n; i++)
		kill(pids[i], SIGCONT);
	ok(is_done(sql("silent", "select 1")), "it goes on after them");
}

static void
test_flat(void)
{
	pid_t pids[4] = { 0 };
	size_t files, spawner_files;
	bool fine = true;
	uint64_t pss;

	for (int i = 0; i < 100; i++) {
		sql("flat", "select hex(zeroblob(100000))");
		arena_reset(mem);
	}
	keepers_of(stage.spawner, pids, 4);
	files = descriptors_of(pids[0]);
	spawner_files = descriptors_of(stage.spawner);
	for (int i = 0; i < 500; i++) {
		struct keepers *k = keepers_new(stage.socket);

		fine =
		    is_done(run(k, "flat", "select hex(zeroblob(100000))")) &&
		    fine;
		keepers_free(k);
		arena_reset(mem);
	}
	sql("flat", "select 1");
	ok(fine, "five hundred workers come and go");
	ok(descriptors_of(pids[0]) <= files,
	    "a keeper has %zu descriptors, as before", files);
	ok(descriptors_of(stage.spawner) <= spawner_files + 1,
	    "and the spawner %zu", spawner_files);
	pss = proc_number(pids[0], "smaps_rollup", "\nPss:");
#ifndef __SANITIZE_ADDRESS__
	ok(pss > 0 && pss <= PSS_MAX_KIB, "an idle keeper has %llu KiB",
	    (unsigned long long)pss);
#else
	ok(pss > 0, "its memory is known");
#endif
}

/* --- Ends of spawners and keepers ----------------------------------------- */

/* The spawner drains until the stream is closed. */
static void
test_drain(void)
{
	const char *baton;

	sql("two", "create table a(b)");
	baton = baton_of(run_in(keepers, "two", NULL, "begin", true));
	kill(stage.spawner, SIGTERM);
	ok(is_done(sql("three", "select 1")),
	    "a spawner that drains still opens databases");
	baton = baton_of(
	    run_in(keepers, "two", baton, "insert into a values(7)", true));
	ok(is_done(run_in(keepers, "two", baton, "commit", false)),
	    "an open stream goes on");
	ok(stage_has_ended(), "the spawner ends when it is closed");
	stage.options.drain_ns = 100 * NS_PER_MS;
	stage_start();
	ok(has(sql("two", "select b from a"), "\"7\""),
	    "the next one serves the same databases");
}

static void
test_late_stream(void)
{
	const char *baton =
	    baton_of(run_in(keepers, "two", NULL, "begin immediate", true));

	ok(baton &&
		is_done(run_in(keepers, "two", baton, "insert into a values(8)",
		    true)),
	    "a stream stays open");
	kill(stage.spawner, SIGTERM);
	ok(stage_has_ended(),
	    "the spawner ends when the time for draining is over");
	stage.options.bounds.lock_ns = 100 * NS_PER_MS;
	stage_start();
	ok(has(sql("two", "select group_concat(b) from a"), "\"7\""),
	    "the stream was rolled back");
}

/* Its keeper has an open transaction, and ends after lock_ns. */
static void
test_killed_spawner(void)
{
	struct keepers *other = keepers_new(stage.socket);
	const char *baton =
	    baton_of(run_in(keepers, "two", NULL, "begin immediate", true));
	int status = -1;

	ok(baton &&
		is_done(run_in(keepers, "two", baton, "insert into a values(9)",
		    true)),
	    "a transaction is open");
	kill(stage.spawner, SIGKILL);
	waitpid(stage.spawner, &status, 0);
	stage_start();
	ok(is_done(run(other, "two", "insert into a values(1)")),
	    "a spawner that was killed is replaced");
	ok(has(run(other, "two", "select group_concat(b) from a"), "\"7,1\""),
	    "the transaction was rolled back");
	keepers_free(other);
}

static void
test_idle(void)
{
	int status = -1;

	kill(stage.spawner, SIGTERM);
	waitpid(stage.spawner, &status, 0);
	stage.options.idle_ns = 100 * NS_PER_MS;
	stage_start();
	ok(is_done(sql("idle", "select 1")), "a database is open");
	wait_for_keepers(0);
	ok(is_done(sql("idle", "select 1")),
	    "an idle keeper leaves; the next"
	    " request opens it again");
}

int
main(int argc, char **argv)
{
	(void)argc;
	stage_run(argv);
	stage.options.bounds.statement_ns = 5 * NS_PER_S;
	stage_open();
	keepers = keepers_new(stage.socket);
	test_requests();
	test_death();
	test_missing();
	test_credit(true);
	test_credit(false);
	test_slow_reader();
	test_hang_up();
	test_locks();
	test_files();
	test_export_lets_others_run();
	test_export_is_left();
	test_drop();
	test_eviction();
	test_busy();
	test_idle_streams();
	test_silent();
	test_flat();
	test_drain();
	test_late_stream();
	test_killed_spawner();
	test_idle();
	keepers_free(keepers);
	return stage_end();
}
