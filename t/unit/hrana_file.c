/*
 * Files of the engine: opening, upgrading, saving, loading and checking them.
 */
#include "lib/lite/hrana.h"
#include "t/unit/hrana_ask.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const uint64_t plenty = 64 << 20;

/* A file made by SQLite itself, with another program's settings. */
static const char *
foreign(const char *name, const char *sql)
{
	const char *path = path_of(name);
	sqlite3 *db;

	unlink(path);
	if (sqlite3_open_v2(path, &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		"unix") != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		printf("# %s: %s\n", name, sqlite3_errmsg(db));
	sqlite3_close(db);
	return path;
}

static void
put(const char *path, off_t at, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (pwrite(fd, bytes, n, at) != (ssize_t)n)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

static enum err
try_open(const char *name, bool make, const struct hrana_schema *schema,
    const char **why)
{
	struct hrana *h = NULL;
	enum err err =
	    hrana_open(path_of(name), make, &ask_bounds, schema, &h, why);

	if (h)
		hrana_close(h);
	return err;
}

static void
test_open(void)
{
	static const struct hrana_schema none = { NULL, 0 };
	static const struct hrana_schema first = { ask_steps, 1 };
	const char *why = "";
	struct hrana_facts facts;

	is_int(try_open("missing", false, &first, &why), E_NOT_FOUND,
	    "a file that is missing is not created");
	ok(access(path_of("missing"), F_OK) != 0, "not even an empty one");
	is_int(try_open("a.db", true, &first, &why), OK, "it is made");
	is_int(try_open("a.db", false, &ask_schema, &why), OK,
	    "it gets the steps that it lacks");
	is_int(try_open("a.db", false, &first, &why), E_CONFLICT,
	    "an older program refuses it");
	has(why, "newer", "and says so");
	is_int(try_open("a.db", false, &none, &why), E_CONFLICT,
	    "also one without a schema");

	engine_open("a.db", &ask_bounds);
	is_int(hrana_facts(engine, &facts), OK, "facts");
	is_int(facts.schema, 2, "the version of the schema");
	ok(facts.size >= 4096 && facts.size % 4096 == 0, "the size");
	has(ask_sql("INSERT INTO io7_more DEFAULT VALUES"), "\"ok\"",
	    "the second step has run");
	engine_close();
	ok(access(path_of("a.db-wal"), F_OK) != 0, "a closed file has no log");
}

static void
test_bad_files(void)
{
	static const char zeros[5000];
	static const char text[] = "This is not a database at all, but a text "
				   "of more than a hundred bytes, so that it "
				   "has a header.........";
	const char *why = "";

	put(path_of("text.db"), 0, text, sizeof(text));
	is_int(try_open("text.db", true, &ask_schema, &why), E_INTERNAL,
	    "a text is no database");
	put(path_of("zeros.db"), 0, zeros, sizeof(zeros));
	is_int(try_open("zeros.db", true, &ask_schema, &why), E_INTERNAL,
	    "nor are zeros");
	foreign("short.db",
	    "CREATE TABLE t(a); INSERT INTO t VALUES "
	    "(zeroblob(100000))");
	ok(truncate(path_of("short.db"), 20000) == 0, "cut");
	is_int(try_open("short.db", true, &ask_schema, &why), E_INTERNAL,
	    "a file that was cut is damaged");
	mkdir(path_of("folder.db"), 0700);
	is_int(try_open("folder.db", true, &ask_schema, &why), E_INTERNAL,
	    "a folder is no file");
	ok(symlink("a.db", path_of("link.db")) == 0, "a symbolic link");
	is_int(try_open("link.db", true, &ask_schema, &why), E_INTERNAL,
	    "is not followed");
	foreign("schema.db",
	    "CREATE TABLE t(a); PRAGMA writable_schema=ON;"
	    "UPDATE sqlite_schema SET sql='CREATE NONSENSE'");
	is_int(try_open("schema.db", true, &ask_schema, &why), E_INTERNAL,
	    "a schema that cannot be parsed is damage");
}

static void
test_damage(void)
{
	char junk[4096];
	const char *why = "";
	struct hrana_facts facts;

	memset(junk, 0xA5, sizeof(junk));
	engine_open("damage.db", &ask_bounds);
	ask_sql("CREATE TABLE t(a)");
	ask_sql("WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c "
		"WHERE x < 20000) INSERT INTO t SELECT x FROM c");
	is_int(hrana_check(engine, &why), OK, "a good database passes");
	is_int(hrana_facts(engine, &facts), OK, "facts");
	engine_close();

	put(path_of("damage.db"), (off_t)facts.size / 2 / 4096 * 4096, junk,
	    sizeof(junk));
	is_int(engine_open("damage.db", &ask_bounds), OK,
	    "damage in the middle is not found at the opening");
	has(ask_sql("SELECT sum(a) FROM t"), "\"SQLITE_CORRUPT\"",
	    "the statement that meets it fails");
	has(ask_sql("SELECT 7 AS seven"), "\"7\"", "others do not");
	is_int(hrana_check(engine, &why), E_INTERNAL, "the check finds it");
	has(why, "damaged", "and says so");
	engine_close();
}

static void
test_save(void)
{
	const char *why = "", *reply;
	struct hrana_save *save;
	bool done = false;
	int steps = 0;
	enum err err;

	engine_open("from.db", &ask_bounds);
	ask_sql("CREATE TABLE t(a)");
	for (int i = 0; i < 4; i++)
		ask_sql("INSERT INTO t VALUES (zeroblob(1000000))");
	is_int(hrana_save_begin(engine, path_of("copy.db"), &save, &why), OK,
	    "a copy begins");
	for (err = OK; err == OK && !done; steps++) {
		err = hrana_save_step(save, &done, &why);
		ask_sql("INSERT INTO t VALUES (zeroblob(100))");
	}
	hrana_save_end(save);
	ok(err == OK && steps > 1, "it is made in %d steps", steps);
	has(ask_sql("SELECT count(*) AS n FROM t WHERE length(a) = 100"),
	    "\"integer\"", "statements ran in between");
	engine_close();

	ok(access(path_of("copy.db-wal"), F_OK) != 0, "the copy is one file");
	engine_open("copy.db", &ask_bounds);
	reply = ask_sql("SELECT count(*) FROM t");
	has(reply, "\"value\":\"4\"", "it has the content from the beginning");
	is_int(hrana_check(engine, &why), OK, "and is a good database");
	ok(hrana_save(engine, path_of("no/where.db"), &why) != OK,
	    "a path that does not exist is an error");
	engine_close();
}

static enum err
load(const char *path)
{
	static const char *why;

	why = "";

	enum err err = hrana_load(engine, path, plenty, &why);

	if (err != OK)
		printf("# %s\n", why);
	return err;
}

static const char small[] =
    "CREATE TABLE t(a); INSERT INTO t VALUES ('from another program')";

static void
test_load(void)
{
	static const char *const settings[] = { "", "PRAGMA page_size=512;",
		"PRAGMA page_size=65536;", "PRAGMA auto_vacuum=FULL;",
		"PRAGMA journal_mode=WAL;", "PRAGMA user_version=77;",
		"PRAGMA application_id=99;" };
	const char *why = "";
	struct hrana_facts facts;
	char sql[256];

	engine_open("to.db", &ask_bounds);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		snprintf(sql, sizeof(sql), "%s%s", settings[i], small);
		is_int(load(foreign("foreign.db", sql)), OK,
		    *settings[i] ? settings[i] : "the default settings");
		has(ask_sql("SELECT a FROM t"), "from another program",
		    "the content is there");
		ask_sql("CREATE TABLE later AS SELECT * FROM t");
		ask_sql("DROP TABLE later");
		is_int(hrana_check(engine, &why), OK,
		    "and can be changed without damage");
		is_int(hrana_facts(engine, &facts), OK, "facts");
		is_int(facts.schema, 2, "it got our schema");
	}
	has(ask_sql("INSERT INTO io7_note(text) VALUES ('x')"), "\"ok\"",
	    "our tables are there");
	engine_close();
	engine_open("to.db", &ask_bounds);
	has(ask_sql("SELECT a FROM t"), "from another program",
	    "it is durable");
	engine_close();
}

/* A statement in a stream that stays open; the baton for the next one. */
static const char *
go_on(const char *baton, const char *sql)
{
	char body[1024];

	snprintf(body, sizeof(body),
	    "{\"baton\":%s%s%s,\"requests\":[{\"type\":\"execute\",\"stmt\":"
	    "{\"sql\":\"%s\"}}]}",
	    baton ? "\"" : "", baton ? baton : "null", baton ? "\"" : "", sql);
	return ask(body);
}

static bool
is_unwanted(void *of)
{
	(void)of;
	return true;
}

/* The constraint of a hostile file may take any time for each row. */
static void
test_unwanted_load(void)
{
	static const char rows[] =
	    "PRAGMA ignore_check_constraints=ON;"
	    "CREATE TABLE slow(a, CHECK (length(hex(zeroblob(100))) > a));"
	    "INSERT INTO slow WITH RECURSIVE n(i) AS"
	    " (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
	    " SELECT 1 FROM n";
	char sql[512];

	engine_open("to.db", &ask_bounds);
	is_int(load(foreign("foreign.db", rows)), OK, "a file with a check");
	hrana_watch(engine, is_unwanted, NULL);
	is_int(load(foreign("foreign.db", rows)), E_BAD_REQUEST,
	    "loading is interrupted when nobody wants it");
	snprintf(sql, sizeof(sql), "PRAGMA page_size=512;%s", rows);
	is_int(load(foreign("foreign.db", sql)), E_BAD_REQUEST,
	    "so is changing the size of its pages");
	engine_close();
}

static void
test_load_beside_streams(void)
{
	char baton[80];
	const char *reply;

	engine_open("busy.db", &ask_bounds);
	ask_sql("CREATE TABLE t(a)");
	ask_sql("INSERT INTO t VALUES ('old')");
	snprintf(baton, sizeof(baton), "%s",
	    member_of(go_on(NULL, "BEGIN"), "baton"));
	snprintf(baton, sizeof(baton), "%s",
	    member_of(go_on(baton, "SELECT a FROM t"), "baton"));
	is_int(load(foreign("foreign.db", small)), OK,
	    "a stream that reads does not prevent a load");
	reply = go_on(baton, "SELECT a FROM t");
	has(reply, "old", "it still sees the content from before");
	snprintf(baton, sizeof(baton), "%s", member_of(reply, "baton"));
	snprintf(baton, sizeof(baton), "%s",
	    member_of(go_on(baton, "COMMIT"), "baton"));
	has(go_on(baton, "SELECT a FROM t"), "from another program",
	    "until its transaction ends");
	go_on(NULL, "BEGIN IMMEDIATE");
	is_int(load(foreign("foreign.db", small)), E_CONFLICT,
	    "a stream that writes does");
	engine_close();
}

static void
test_bad_loads(void)
{
	static const char *const rows[] = { "PRAGMA encoding='UTF-16';",
		"PRAGMA writable_schema=ON; INSERT INTO sqlite_schema VALUES "
		"('table','x','x',2,'CREATE NONSENSE');" };
	char sql[512], junk[600];
	const char *path, *why;

	memset(junk, 0xA5, sizeof(junk));
	engine_open("kept.db", &ask_bounds);
	ask_sql("CREATE TABLE mine(a)");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(sql, sizeof(sql), "%s%s", rows[i], small);
		is_int(load(foreign("foreign.db", sql)), E_BAD_REQUEST,
		    rows[i]);
	}
	path = foreign("foreign.db", small);
	put(path, 4096 + 3000, junk, sizeof(junk));
	put(path, 4096, junk, 12);
	is_int(load(path), E_BAD_REQUEST, "damaged pages");
	path = foreign("foreign.db", small);
	ok(truncate(path, 4096) == 0 && load(path) == E_BAD_REQUEST,
	    "pages are missing");
	ok(truncate(path, 5000) == 0 && load(path) == E_BAD_REQUEST,
	    "half a page");
	ok(truncate(path, 50) == 0 && load(path) == E_BAD_REQUEST,
	    "half a header");
	ok(truncate(path, 0) == 0 && load(path) == E_BAD_REQUEST, "empty");
	put(path, 0, junk, sizeof(junk));
	is_int(load(path), E_BAD_REQUEST, "junk");
	is_int(load(path_of("nowhere")), E_INTERNAL, "no file");
	path = foreign("foreign.db", small);
	is_int(hrana_load(engine, path, 4096, &why), E_STORAGE_FULL,
	    "larger than allowed");
	snprintf(sql, sizeof(sql), "PRAGMA application_id=%d;%s", 0x696f3703,
	    small);
	is_int(load(foreign("foreign.db", sql)), E_CONFLICT,
	    "of a newer version of io7");
	has(ask_sql("SELECT count(*) FROM mine"), "\"value\":\"0\"",
	    "none of them has changed the database");
	engine_close();
}

/* Another process opens the file, says so, and closes it when asked to. */
static pid_t
open_elsewhere(int *control)
{
	int pair[2];
	char byte = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		struct hrana *h;
		const char *why;
		enum err err = hrana_open(path_of("two.db"), true, &ask_bounds,
		    &ask_schema, &h, &why);

		close(pair[0]);
		(void)!write(pair[1], &byte, 1);
		(void)!read(pair[1], &byte, 1);
		if (err == OK)
			hrana_close(h);
		_exit(err == OK ? 0 : 1);
	}
	close(pair[1]);
	(void)!read(pair[0], &byte, 1);
	*control = pair[0];
	return pid;
}

static void
test_two_processes(void)
{
	struct hrana_bounds bounds = ask_bounds;
	int control = -1, status = -1;
	pid_t pid = open_elsewhere(&control);

	bounds.lock_ns = bounds.statement_ns = NS_PER_MS;
	is_int(engine_open("two.db", &bounds), E_UNAVAILABLE,
	    "a file that another process has open is locked");
	/* The other process may still be about to close it. */
	close(control);
	is_int(engine_open("two.db", &ask_bounds), OK,
	    "an opener waits until it is closed");
	waitpid(pid, &status, 0);
	is_int(status, 0, "the other process had it open");
	has(ask_sql("SELECT count(*) FROM io7_note"), "\"ok\"",
	    "the database can be used");
	engine_close();
}

/* Commits until it is killed; each byte stands for a commit. */
static void
commit_forever(int to)
{
	struct hrana_run *run;
	const char *why;
	struct buf out;
	struct hrana_order order = order_of(HRANA_PIPELINE,
	    STR("{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":"
		"\"INSERT INTO io7_note(text) VALUES (hex(randomblob(3000)))"
		"\"}},{\"type\":\"close\"}]}"));

	if (hrana_open(path_of("killed.db"), true, &ask_bounds, &ask_schema,
		&engine, &why) != OK)
		return;
	do {
		arena_reset(ask_mem);
		buf_init(&out, ask_mem);
		run = hrana_begin(engine, ask_mem, &order);
		while (hrana_step(run, &out) != HRANA_DONE)
			continue;
		hrana_end(run);
	} while (write(to, "", 1) == 1);
}

static void
test_kill(void)
{
	enum { COMMITS = 300 };
	long long committed = 0, found;
	const char *why = "";
	char bytes[64];
	ssize_t n;
	int ends[2];
	pid_t pid;

	if (pipe(ends) != 0)
		return;
	pid = fork();
	if (pid == 0) {
		commit_forever(ends[1]);
		_exit(1);
	}
	close(ends[1]);
	while (committed < COMMITS &&
	    (n = read(ends[0], bytes, sizeof(bytes))) > 0)
		committed += n;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while ((n = read(ends[0], bytes, sizeof(bytes))) > 0)
		committed += n;
	close(ends[0]);
	is_int(engine_open("killed.db", &ask_bounds), OK,
	    "a database whose process was killed");
	found = strtoll(member_of(ask_sql("SELECT count(*) FROM io7_note"),
			    "value"),
	    NULL, 10);
	ok(committed >= COMMITS && found >= committed,
	    "has each of %lld commits", committed);
	is_int(hrana_check(engine, &why), OK, "and is whole");
	engine_close();
}

int
main(void)
{
	ask_start();
	test_open();
	test_bad_files();
	test_damage();
	test_save();
	test_load();
	test_unwanted_load();
	test_load_beside_streams();
	test_bad_loads();
	test_two_processes();
	test_kill();
	return ask_done();
}
