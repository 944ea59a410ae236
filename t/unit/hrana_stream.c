/*
 * Streams of the engine: batons, locks, deadlines, credits, cursors and bounds.
 */
#include "lib/lite/hrana.h"
#include "t/unit/hrana_ask.h"

/* A statement in a stream that stays open; `baton` is replaced. */
static const char *
go_on(char baton[80], const char *sql)
{
	char body[1024];
	const char *answer;

	snprintf(body, sizeof(body),
	    "{\"baton\":%s%s%s,\"requests\":[{\"type\":\"execute\",\"stmt\":"
	    "{\"sql\":\"%s\"}}]}",
	    *baton ? "\"" : "", *baton ? baton : "null", *baton ? "\"" : "",
	    sql);
	answer = ask(body);
	snprintf(baton, 80, "%s", member_of(answer, "baton"));
	return answer;
}

static const char *
close_stream(const char *baton)
{
	char body[256];

	snprintf(body, sizeof(body),
	    "{\"baton\":\"%.80s\",\"requests\":[{\"type\":\"close\"}]}", baton);
	return ask(body);
}

static void
is_refused(const char *baton, const char *code, const char *what)
{
	has(close_stream(baton), code, what);
	is_int(ask_total.status, 400, "its status");
}

static void
test_batons(void)
{
	char one[80] = "", two[80] = "", old[80];
	char forged[80];

	go_on(one, "BEGIN");
	is_int((long long)strlen(one), 64, "an open stream has a baton");
	snprintf(old, sizeof(old), "%s", one);
	go_on(one, "CREATE TABLE t(a)");
	ok(strcmp(one, old) != 0, "each answer has another one");
	has(go_on(one, "SELECT count(*) FROM t"), "\"value\":\"0\"",
	    "the stream keeps its transaction");
	has(ask_sql("SELECT count(*) FROM t"), "no such table",
	    "which others do not see");
	is_refused(old, "\"BATON_REUSED\"", "an old baton");
	snprintf(forged, sizeof(forged), "%s", one);
	forged[0] = forged[0] == '0' ? '1' : '0';
	is_refused(forged, "\"BATON_INVALID\"", "one of no stream");
	snprintf(forged, sizeof(forged), "%s", one);
	forged[63] = forged[63] == '0' ? '1' : '0';
	is_refused(forged, "\"BATON_REUSED\"", "one with another key");
	is_refused("nope", "\"BATON_INVALID\"", "a short one");
	forged[5] = 'x';
	is_refused(forged, "\"BATON_INVALID\"", "one that is not hexadecimal");
	is_int(hrana_streams(engine), 1, "the stream is still there");
	has(go_on(one, "COMMIT"), "\"ok\"", "and goes on");
	has(close_stream(one), "\"baton\":null", "a closed stream has none");
	is_refused(one, "\"BATON_INVALID\"", "a closed stream");
	go_on(two, "INSERT INTO t VALUES (1)");
	has(go_on(two, "SELECT last_insert_rowid()"), "\"value\":\"1\"",
	    "a stream keeps its connection");
	close_stream(two);
	is_int(hrana_streams(engine), 0, "no stream is left");
}

static void
test_protocol_fault_closes(void)
{
	char baton[80] = "", body[256];

	go_on(baton, "BEGIN IMMEDIATE");
	snprintf(body, sizeof(body),
	    "{\"baton\":\"%s\",\"requests\":[{\"type\":\"execute\",\"stmt\":{"
	    "\"sql_id\":9}}]}",
	    baton);
	has(ask(body), "not found", "a fault of the protocol");
	is_int(hrana_streams(engine), 0, "closes the stream");
	has(ask_sql("INSERT INTO t VALUES (2)"), "\"ok\"",
	    "and ends its transaction");
}

static void
test_read_only(void)
{
	static const char *const rows[] = { "INSERT INTO t VALUES (3)",
		"CREATE TABLE x(a)", "DROP TABLE t", "BEGIN IMMEDIATE",
		"PRAGMA user_version=3", "CREATE TEMP TABLE x(a)" };
	char baton[80] = "", body[256];
	struct hrana_order order;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(body, sizeof(body),
		    "{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":"
		    "\"%s\"}},{\"type\":\"close\"}]}",
		    rows[i]);
		order = order_of(HRANA_PIPELINE, str_of(body));
		order.may_write = false;
		has(ask_order(&order), "\"SQLITE_READONLY\"", rows[i]);
	}
	order = order_of(HRANA_PIPELINE,
	    STR("{\"requests\":[{\"type\":\"sequence\",\"sql\":\"BEGIN "
		"TRANSACTION READONLY; SELECT * FROM t; COMMIT\"},{\"type\":"
		"\"close\"}]}"));
	order.may_write = false;
	has(ask_order(&order), "{\"type\":\"sequence\"}}",
	    "a transaction that reads");
	has(ask_sql("INSERT INTO t VALUES (3)"), "\"ok\"",
	    "the same connection writes again");

	go_on(baton, "BEGIN IMMEDIATE");
	snprintf(body, sizeof(body), "{\"baton\":\"%s\",\"requests\":[]}",
	    baton);
	order = order_of(HRANA_PIPELINE, str_of(body));
	order.may_write = false;
	has(ask_order(&order), "\"BATON_INVALID\"",
	    "a stream that writes is not for a reader");
	close_stream(baton);
}

#define CURSOR(steps) "{\"batch\":{\"steps\":[" steps "]}}"

static const char *
ask_cursor(const char *body)
{
	struct hrana_order order = order_of(HRANA_CURSOR, str_of(body));

	return ask_order(&order);
}

static void
test_changed_schema(void)
{
	static const char describe[] =
	    "{\"requests\":[{\"type\":\"describe\",\"sql\":\"SELECT * FROM "
	    "changing\"},{\"type\":\"close\"}]}";
	const char *answer;
	char baton[80] = "";

	/* One connection changes what another one, then unused, has read. */
	go_on(baton, "CREATE TABLE changing(a)");
	ask(describe);
	go_on(baton, "ALTER TABLE changing ADD COLUMN b");
	has(ask(describe), "\"b\"", "a new column is described");
	ask_sql("CREATE INDEX i ON changing(a)");
	go_on(baton, "DROP TABLE changing");
	has(ask(describe), "no such table", "a dropped table is not");
	go_on(baton, "CREATE TABLE changing(a, c)");
	ask_sql("SELECT c FROM changing");
	go_on(baton, "ALTER TABLE changing DROP COLUMN c");
	has(ask_sql("SELECT c FROM changing"),
	    "no such column: c (at offset 7)\",\"code\":\"SQL_INPUT_ERROR\"",
	    "a kept statement has the fault of a new one");
	answer = ask_cursor(
	    CURSOR("{\"stmt\":{\"sql\":\"SELECT c FROM changing\"}}"));
	lacks(answer, "step_begin", "a cursor does not begin it");
	close_stream(member_of(answer, "baton"));
	go_on(baton, "DROP TABLE changing");
	close_stream(baton);
	ask_sql("CREATE TABLE changing(a)");
	has(ask_sql("CREATE INDEX i ON changing(a)"), "\"ok\"",
	    "nor is its index known");
}

static void
test_clean_connections(void)
{
	ask_sql("CREATE TEMP TABLE left_behind(a)");
	has(ask_sql("SELECT * FROM left_behind"), "no such table",
	    "temporary tables end with the stream");
	ask_sql("PRAGMA foreign_keys=OFF");
	has(ask_sql("PRAGMA foreign_keys"), "\"value\":\"1\"",
	    "so do settings");
	ask_sql("PRAGMA recursive_triggers=ON");
	has(ask_sql("PRAGMA recursive_triggers"), "\"value\":\"0\"",
	    "of each kind");
	ask_sql("BEGIN IMMEDIATE");
	has(ask_sql("INSERT INTO t VALUES (4)"), "\"ok\"",
	    "so do transactions");
	ask("{\"requests\":[{\"type\":\"store_sql\",\"sql_id\":1,\"sql\":"
	    "\"\"},{\"type\":\"close\"}]}");
	has(ask("{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql_id\":1}"
		"}]}"),
	    "not found", "so do stored texts");
}

static const char insert[] =
    "{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":\"INSERT INTO t "
    "VALUES (5)\"}},{\"type\":\"close\"}]}";

/* A second request while a run uses the stream. */
static void
test_lent(char baton[80])
{
	struct arena *mem = arena_new(1 << 20);
	char other[80] = "", body[512];
	struct hrana_order order;
	struct hrana_run *run;
	struct buf out;

	buf_init(&out, mem);
	go_on(other, "SELECT 1");
	snprintf(body, sizeof(body),
	    "{\"baton\":\"%.80s\",\"requests\":[{\"type\":\"execute\",\"stmt\":"
	    "{\"sql\":\"INSERT INTO t VALUES (9)\"}}]}",
	    other);
	order = order_of(HRANA_PIPELINE, str_of(body));
	run = hrana_begin(engine, mem, &order);
	is_int(hrana_step(run, &out), HRANA_LOCKED, "a stream waits");
	is_refused(other, "\"BATON_REUSED\"",
	    "a second request with its baton meanwhile");
	go_on(baton, "COMMIT");
	is_int(hrana_step(run, &out), HRANA_DONE, "the first one is done");
	buf_putc(&out, '\0');
	close_stream(member_of(out.p, "baton"));
	hrana_end(run);
	arena_free(mem);
}

static void
test_locks(void)
{
	struct hrana_order order = order_of(HRANA_PIPELINE, str_of(insert));
	struct arena *mem = arena_new(1 << 20);
	struct hrana_run *run = hrana_begin(engine, mem, &order);
	char baton[80] = "";
	struct buf out;

	buf_init(&out, mem);
	go_on(baton, "BEGIN IMMEDIATE");
	is_int(hrana_step(run, &out), HRANA_LOCKED, "a write waits");
	ok(hrana_due(run) > 0, "until some time");
	has(ask_sql("SELECT count(*) FROM t"), "\"ok\"", "others read");
	is_int(hrana_step(run, &out), HRANA_LOCKED, "and still waits");
	go_on(baton, "COMMIT");
	is_int(hrana_step(run, &out), HRANA_DONE,
	    "until the other transaction ends");
	buf_putc(&out, '\0');
	has(out.p, "\"affected_row_count\":1", "and is done once");
	hrana_end(run);

	/* A transaction that has read cannot write after another has. */
	close_stream(baton);
	baton[0] = '\0';
	go_on(baton, "BEGIN");
	go_on(baton, "SELECT * FROM t");
	ask_sql("INSERT INTO t VALUES (6)");
	has(go_on(baton, "INSERT INTO t VALUES (7)"), "\"SQLITE_BUSY\"",
	    "an outdated transaction does not wait");
	close_stream(baton);

	baton[0] = '\0';
	go_on(baton, "BEGIN IMMEDIATE");
	run = hrana_begin(engine, mem, &order);
	is_int(hrana_step(run, &out), HRANA_LOCKED, "a run that waits");
	hrana_end(run);
	test_lent(baton);
	is_int(hrana_streams(engine), 1, "can be ended");
	close_stream(baton);
	arena_free(mem);
}

/* One more than may wait fails at once. */
static void
test_most_waiters(void)
{
	struct hrana_order order = order_of(HRANA_PIPELINE, str_of(insert));
	struct arena *mem = arena_new(1 << 20);
	struct hrana_run *runs[8];
	char baton[80] = "";
	struct buf out;

	buf_init(&out, mem);
	go_on(baton, "BEGIN IMMEDIATE");
	for (size_t i = 0; i < ask_bounds.waiters; i++) {
		runs[i] = hrana_begin(engine, mem, &order);
		is_int(hrana_step(runs[i], &out), HRANA_LOCKED, "it waits");
	}
	has(ask(insert), "\"SQLITE_BUSY\"", "no more may wait");
	hrana_end(runs[0]);
	runs[0] = hrana_begin(engine, mem, &order);
	is_int(hrana_step(runs[0], &out), HRANA_LOCKED, "one gave up");
	for (size_t i = 0; i < ask_bounds.waiters; i++)
		hrana_end(runs[i]);
	close_stream(baton);
	arena_free(mem);
}

/* Each of three runs gets the lock once, in the order of their first step. */
static void
test_order_of_waiters(void)
{
	struct hrana_order order = order_of(HRANA_PIPELINE, str_of(insert));
	struct arena *mem = arena_new(1 << 20);
	struct hrana_run *runs[3];
	char baton[80] = "";
	struct buf out;

	buf_init(&out, mem);
	go_on(baton, "BEGIN IMMEDIATE");
	for (int i = 0; i < 3; i++) {
		runs[i] = hrana_begin(engine, mem, &order);
		is_int(hrana_step(runs[i], &out), HRANA_LOCKED, "it waits");
	}
	go_on(baton, "COMMIT");
	close_stream(baton);
	is_int(hrana_step(runs[2], &out), HRANA_LOCKED, "the last one waits");
	is_int(hrana_step(runs[1], &out), HRANA_LOCKED, "so does the second");
	is_int(hrana_step(runs[0], &out), HRANA_DONE, "the first is done");
	hrana_end(runs[0]);
	is_int(hrana_step(runs[2], &out), HRANA_LOCKED, "the last one waits");
	/* One that has given up is not waited for. */
	hrana_end(runs[1]);
	is_int(hrana_step(runs[2], &out), HRANA_DONE, "until it is its turn");
	hrana_end(runs[2]);
	has(ask(insert), "\"ok\"", "then nobody waits");
	arena_free(mem);
}

static void
test_short_bounds(void)
{
	struct hrana_bounds bounds = ask_bounds;
	char baton[80] = "";

	engine_close();
	bounds.lock_ns = 1;
	engine_open("a.db", &bounds);
	go_on(baton, "BEGIN IMMEDIATE");
	has(ask(insert),
	    "\"SQLite error: database is locked\",\"code\":"
	    "\"SQLITE_BUSY\"",
	    "a lock that is not released in time");
	close_stream(baton);
	engine_close();

	bounds = ask_bounds;
	bounds.waiters = 0;
	engine_open("a.db", &bounds);
	baton[0] = '\0';
	go_on(baton, "BEGIN IMMEDIATE");
	has(ask(insert), "\"SQLITE_BUSY\"", "one that may not be waited for");
	go_on(baton, "COMMIT");
	close_stream(baton);
	has(ask(insert), "\"ok\"", "a lock that nobody has needs no wait");
	engine_close();

	bounds = ask_bounds;
	bounds.idle_ns = 1;
	engine_open("a.db", &bounds);
	baton[0] = '\0';
	go_on(baton, "BEGIN IMMEDIATE");
	is_refused(baton, "\"STREAM_EXPIRED\"", "a stream that was idle");
	has(ask(insert), "\"ok\"", "its transaction was rolled back");
	is_int(hrana_sweep(engine), 0, "nothing is left to sweep");
	engine_close();

	bounds = ask_bounds;
	bounds.statement_ns = 1;
	engine_open("a.db", &bounds);
	has(ask_sql("WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 "
		    "FROM c) SELECT count(*) FROM c"),
	    "took too long\",\"code\":\"SQLITE_INTERRUPT\"",
	    "a statement without end is interrupted");
	engine_close();
	engine_open("a.db", &ask_bounds);
}

static void
test_too_many_streams(void)
{
	char batons[9][80] = { "" };
	char idle[80] = "";

	go_on(idle, "SELECT 1");
	for (unsigned i = 0; i < ask_bounds.streams; i++)
		go_on(batons[i], "BEGIN");
	is_int(hrana_streams(engine), ask_bounds.streams,
	    "streams are bounded");
	is_refused(idle, "\"STREAM_EXPIRED\"",
	    "one without a transaction made room");
	has(ask_sql("SELECT 1"), "\"STREAM_LIMIT\"", "those with one do not");
	is_int(ask_total.status, 429, "its status");
	for (unsigned i = 0; i < ask_bounds.streams; i++)
		close_stream(batons[i]);
	has(ask_sql("SELECT 1"), "\"ok\"", "then there is room again");
}

static bool
is_unwanted(void *asked)
{
	++*(int *)asked;
	return true;
}

static void
test_unwanted(void)
{
	struct hrana_order order = order_of(HRANA_PIPELINE,
	    STR("{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":\"WITH "
		"RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c) "
		"SELECT count(*) FROM c\"}},{\"type\":\"close\"}]}"));
	int asked = 0;

	order.is_unwanted = is_unwanted;
	order.to = &asked;
	has(ask_order(&order), "\"SQLITE_INTERRUPT\"",
	    "a run that nobody waits for is interrupted");
	ok(asked > 0, "it was asked");
}

/* A batch of n times the same statement. */
static struct str
many(struct arena *mem, size_t n, const char *sql)
{
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b,
	    "{\"requests\":[{\"type\":\"batch\",\"batch\":{\"steps\":[");
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s{\"stmt\":{\"sql\":\"%s\"}}", i ? "," : "",
		    sql);
	buf_puts(&b, "]}},{\"type\":\"close\"}]}");
	return buf_view(&b);
}

static void
test_credits(void)
{
	struct arena *mem = arena_new(64 << 20);
	struct hrana_order order =
	    order_of(HRANA_PIPELINE, many(mem, 250, "SELECT 1"));
	struct hrana_run *run = hrana_begin(engine, mem, &order);
	struct buf out;
	const char *why = "";

	buf_init(&out, mem);
	is_int(hrana_step(run, &out), HRANA_CREDIT, "a credit");
	is_int((long long)hrana_total(run)->statements, 100,
	    "before the 101st statement");
	hrana_allow(run, true);
	buf_puts(&out, "(caller)");
	is_int(hrana_step(run, &out), HRANA_CREDIT, "and another");
	is_int((long long)out.n, 8, "the output of the caller is not touched");
	is_int((long long)hrana_total(run)->statements, 200,
	    "before the 201st");
	hrana_allow(run, true);
	is_int(hrana_step(run, &out), HRANA_DONE, "then it is done");
	is_int((long long)hrana_total(run)->statements, 250, "all have run");
	hrana_end(run);

	order.body = many(mem, 250, "INSERT INTO t VALUES (1)");
	run = hrana_begin(engine, mem, &order);
	out.n = 0;
	is_int(hrana_step(run, &out), HRANA_CREDIT, "one that is refused");
	hrana_allow(run, false);
	is_int(hrana_step(run, &out), HRANA_DONE, "ends the run");
	is_int(hrana_total(run)->status, 429, "its status");
	buf_putc(&out, '\0');
	has(out.p, "QUOTA_EXCEEDED", "its code");
	hrana_end(run);
	is_int(hrana_check(engine, &why), OK, "nothing is damaged");
	arena_free(mem);
}

static void
test_cursors(void)
{
	char baton[80];
	const char *answer = ask_cursor(
	    CURSOR("{\"stmt\":{\"sql\":\"SELECT 1 AS a UNION ALL SELECT 2\"}},"
		   "{\"stmt\":{\"sql\":\"SELECT nope\"}},{\"condition\":{"
		   "\"type\":\"ok\",\"step\":1},\"stmt\":{\"sql\":\"SELECT "
		   "2\"}},{\"stmt\":{\"sql\":\"INSERT INTO t VALUES (8) "
		   "RETURNING a\"}}"));

	snprintf(baton, sizeof(baton), "%s", member_of(answer, "baton"));
	has(answer,
	    ",\"base_url\":null}\n"
	    "{\"type\":\"step_begin\",\"step\":0,\"cols\":[{\"name\":\"a\","
	    "\"decltype\":null}]}\n"
	    "{\"type\":\"row\",\"row\":[{\"type\":\"integer\",\"value\":\"1\"}]"
	    "}\n"
	    "{\"type\":\"row\",\"row\":[{\"type\":\"integer\",\"value\":\"2\"}]"
	    "}\n"
	    "{\"type\":\"step_end\",\"affected_row_count\":0,"
	    "\"last_insert_rowid\":null}\n"
	    "{\"type\":\"step_error\",\"step\":1,\"error\":{\"message\":\"SQL "
	    "input error: no such column: nope (at offset 7)\",\"code\":"
	    "\"SQL_INPUT_ERROR\"}}\n"
	    "{\"type\":\"step_begin\",\"step\":3,\"cols\":[{\"name\":\"a\","
	    "\"decltype\":null}]}\n"
	    "{\"type\":\"row\",\"row\":[{\"type\":\"integer\",\"value\":\"8\"}]"
	    "}\n",
	    "the entries of a batch");
	is_int(hrana_streams(engine), 1, "the stream stays open");
	has(close_stream(baton), "\"baton\":null", "and has its baton");
	has(ask_cursor("{}"), "missing field `batch`", "without a batch");
	is_int(ask_total.status, 400, "its status");
	has(ask_cursor(CURSOR("{\"stmt\":{\"sql_id\":9}}")),
	    "SQL text 9 not found", "without a text");
	is_int(ask_total.status, 400, "its status");
	has(ask_cursor(CURSOR("{\"stmt\":{\"sql\":\"SELEC\"}}")),
	    "\"SQL_PARSE_ERROR\"", "with a syntax error");
	is_int(ask_total.status, 400, "its status");
	answer = ask_cursor(
	    CURSOR("{\"stmt\":{\"sql\":\"INSERT INTO t(rowid) VALUES "
		   "('x')\"}}"));
	has(answer,
	    "{\"type\":\"step_begin\",\"step\":0,\"cols\":[]}\n"
	    "{\"type\":\"step_error\",\"step\":0,",
	    "a step that fails has begun");
	close_stream(member_of(answer, "baton"));
}

static void
test_cursor_pieces(void)
{
	static const char body[] =
	    CURSOR("{\"stmt\":{\"sql\":\"WITH RECURSIVE c(x) AS (VALUES(1) "
		   "UNION ALL SELECT x+1 FROM c WHERE x < 20000) SELECT x, "
		   "hex(randomblob(50)) FROM c\"}}");
	struct hrana_order order = order_of(HRANA_CURSOR, str_of(body));
	struct arena *mem = arena_new(1 << 20);
	struct hrana_run *run = hrana_begin(engine, mem, &order);
	size_t pieces = 0, bytes = 0, largest = 0;
	struct buf out;

	buf_init(&out, mem);
	while (hrana_step(run, &out) == HRANA_OUTPUT) {
		pieces++;
		bytes += out.n;
		largest = out.n > largest ? out.n : largest;
		out.n = 0;
		if (pieces == 2)
			has(ask_sql("INSERT INTO t VALUES (9)"), "\"ok\"",
			    "others write meanwhile");
	}
	ok(pieces > 10 && largest < 66000, "a cursor comes in pieces");
	ok(bytes > 2000000, "with all rows");
	hrana_end(run);
	run = hrana_begin(engine, mem, &order);
	is_int(hrana_step(run, &out), HRANA_OUTPUT, "a cursor");
	hrana_end(run);
	is_int(hrana_streams(engine), 1, "that is given up is closed");
	arena_free(mem);
}

int
main(void)
{
	ask_start();
	if (engine_open("a.db", &ask_bounds) == OK) {
		test_batons();
		test_protocol_fault_closes();
		test_read_only();
		test_changed_schema();
		test_clean_connections();
		test_locks();
		test_most_waiters();
		test_order_of_waiters();
		test_short_bounds();
		test_too_many_streams();
		test_unwanted();
		test_credits();
		test_cursors();
		test_cursor_pieces();
		engine_close();
	}
	return ask_done();
}
