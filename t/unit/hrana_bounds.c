/*
 * Requests that are too large, too deep or too expensive.
 */
#include "lib/lite/hrana.h"
#include "t/unit/hrana_ask.h"

static struct arena *mem; /* of bodies */
static struct buf body;

static void
begin(const char *text)
{
	arena_reset(mem);
	buf_init(&body, mem);
	buf_puts(&body, text);
}

static void
repeat(size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		buf_puts(&body, text);
}

static const char *
send_with(const char *end)
{
	struct hrana_order order;

	buf_puts(&body, end);
	order = order_of(HRANA_PIPELINE, buf_view(&body));
	return ask_order(&order);
}

static const char execute[] =
    "{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":\"";
static const char done[] = "\"}},{\"type\":\"close\"}]}";

static void
test_statements(void)
{
	begin(execute);
	buf_puts(&body, "SELECT 123");
	repeat((1 << 20) - 10, " ");
	has(send_with(done), "\"123\"", "a statement of 1 MiB");
	begin(execute);
	buf_puts(&body, "SELECT 123");
	repeat((1 << 20) - 9, " ");
	has(send_with(done), "\"SQLITE_TOOBIG\"", "and one byte more");
	begin(execute);
	buf_puts(&body, "SELECT ");
	repeat(100000, "(");
	has(send_with(done), "\"code\":\"SQL", "100,000 parentheses");
	begin(execute);
	buf_puts(&body, "SELECT 1");
	repeat(100000, "||1");
	has(send_with(done), "\"code\":\"SQL", "a long chain");
	has(ask_sql("SELECT 4"), "\"4\"", "others still run");
}

/* n arguments for the parameters ?1 to ?n. */
static const char *
send_args(unsigned n)
{
	begin(execute);
	buf_printf(&body, "SELECT ?%u AS x\",\"args\":[", n);
	for (unsigned i = 1; i <= n; i++)
		buf_printf(&body, "%s{\"type\":\"integer\",\"value\":\"%u\"}",
		    i > 1 ? "," : "", i);
	return send_with("]}},{\"type\":\"close\"}]}");
}

static void
test_arguments(void)
{
	has(send_args(10000), "\"value\":\"10000\"", "10,000 arguments");
	has(send_args(32766), "\"value\":\"32766\"", "as many as there may be");
	has(send_args(32767), "must be between ?1 and ?32766",
	    "one more is refused");
	begin(execute);
	buf_puts(&body,
	    "SELECT length(?) AS n\",\"args\":[{\"type\":\"blob\","
	    "\"base64\":\"");
	repeat(4 << 20, "AAAA");
	has(send_with("\"}]}},{\"type\":\"close\"}]}"),
	    "\"value\":\"12582912\"", "a blob of 12 MiB");
	begin(execute);
	buf_puts(&body,
	    "SELECT length(?) AS n\",\"args\":[{\"type\":\"blob\","
	    "\"base64\":\"");
	repeat(7 << 20, "AAAA");
	has(send_with("\"}]}},{\"type\":\"close\"}]}"), "\"SQLITE_TOOBIG\"",
	    "one of 21 MiB is refused");
}

static void
test_batches(void)
{
	const char *answer;

	ask_sql("CREATE TABLE many(a)");
	begin("{\"requests\":[{\"type\":\"batch\",\"batch\":{\"steps\":[{"
	      "\"stmt\":{\"sql\":\"BEGIN\"}}");
	for (int i = 1; i < 9999; i++)
		buf_printf(&body,
		    ",{\"condition\":{\"type\":\"ok\",\"step\":%d},\"stmt\":{"
		    "\"sql\":\"INSERT INTO many VALUES (?)\",\"args\":[{"
		    "\"type\":\"integer\",\"value\":\"%d\"}]}}",
		    i - 1, i);
	answer = send_with(",{\"stmt\":{\"sql\":\"COMMIT\"}}]}},{\"type\":"
			   "\"close\"}]}");
	has(answer, "\"baton\":null", "a batch of 10,000 steps");
	is_int((long long)ask_total.statements, 10000, "all of them ran");
	has(ask_sql("SELECT count(*), sum(a) FROM many"),
	    "\"9998\"},{\"type\":\"integer\",\"value\":\"49985001\"",
	    "in their order");

	begin("{\"requests\":[{\"type\":\"batch\",\"batch\":{\"steps\":[{"
	      "\"condition\":");
	repeat(50, "{\"type\":\"not\",\"cond\":");
	buf_puts(&body, "{\"type\":\"and\",\"conds\":[]}");
	repeat(50, "}");
	has(send_with(",\"stmt\":{\"sql\":\"SELECT 71\"}}]}},{\"type\":"
		      "\"close\"}]}"),
	    "\"71\"", "nested conditions");
	begin("{\"requests\":[{\"type\":\"batch\",\"batch\":{\"steps\":[{"
	      "\"condition\":");
	repeat(100000, "{\"type\":\"not\",\"cond\":");
	buf_puts(&body, "{\"type\":\"and\",\"conds\":[]}");
	repeat(100000, "}");
	has(send_with(",\"stmt\":{\"sql\":\"SELECT 71\"}}]}},{\"type\":"
		      "\"close\"}]}"),
	    "too many levels", "conditions that are too deep");
	is_int(ask_total.status, 400, "its status");
	begin("");
	repeat(1000000, "[");
	has(send_with(""), "too many levels", "a body of brackets");
}

static void
test_results(void)
{
	const char *answer = ask(
	    "{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":\"SELECT "
	    "zeroblob(3000000)\"}},{\"type\":\"execute\",\"stmt\":{\"sql\":"
	    "\"SELECT zeroblob(10000000)\"}},{\"type\":\"execute\",\"stmt\":{"
	    "\"sql\":\"SELECT 72\"}},{\"type\":\"close\"}]}");

	has(answer,
	    "{\"type\":\"error\",\"error\":{\"message\":\"Response is "
	    "too large\",\"code\":\"RESPONSE_TOO_LARGE\"}}",
	    "a result that is too large");
	has(answer, "\"72\"", "smaller ones are there");
	has(ask_sql("WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 "
		    "FROM c) SELECT x FROM c"),
	    "\"RESPONSE_TOO_LARGE\"", "rows without end");
	has(ask_sql("WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 "
		    "FROM c) SELECT count(DISTINCT x || randomblob(1000)) "
		    "FROM c"),
	    "\"SQLITE_NOMEM\"", "a statement that needs too much memory");
	has(ask_sql("SELECT 73"), "\"73\"", "others still run");
}

static void
test_size(void)
{
	struct hrana_order order;
	struct hrana_facts facts;

	is_int(hrana_facts(engine, &facts), OK, "facts");
	order = order_of(HRANA_PIPELINE,
	    STR("{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":"
		"\"INSERT INTO many VALUES (zeroblob(3000000))\"}},{\"type\":"
		"\"execute\",\"stmt\":{\"sql\":\"DELETE FROM many\"}},{"
		"\"type\":\"close\"}]}"));
	order.size_max = facts.size + 100000;
	has(ask_order(&order), "\"SQLITE_FULL\"", "a full database");
	has(ask_sql("SELECT count(*) FROM many"), "\"value\":\"0\"",
	    "rows can still be deleted");
	has(ask_sql("INSERT INTO many VALUES (zeroblob(3000000))"), "\"ok\"",
	    "a larger plan has room");
}

/* The first piece of a cursor, which reads the content of now. */
static struct hrana_run *
begin_cursor(struct arena *arena, struct buf *out)
{
	struct hrana_order order = order_of(HRANA_CURSOR,
	    STR("{\"batch\":{\"steps\":[{\"stmt\":{\"sql\":\"SELECT a.a, "
		"randomblob(999) FROM rows a, rows b\"}}]}}"));
	struct hrana_run *run = hrana_begin(engine, arena, &order);

	is_int(hrana_step(run, out), HRANA_OUTPUT, "a cursor");
	return run;
}

static void
test_log(void)
{
	static const char update[] = "UPDATE log SET a = randomblob(2000000)";
	struct arena *arena = arena_new(16 << 20);
	struct hrana_run *run;
	struct buf out;
	const char *answer;
	int i;

	ask_sql("CREATE TABLE rows AS WITH RECURSIVE c(x) AS (VALUES(1) UNION "
		"ALL SELECT x+1 FROM c LIMIT 200) SELECT x AS a FROM c");
	ask_sql("CREATE TABLE log AS SELECT a FROM rows LIMIT 4");
	ask("{\"requests\":[{\"type\":\"sequence\",\"sql\":\"BEGIN; SELECT * "
	    "FROM log\"}]}");
	is_int(hrana_streams(engine), 1, "an idle stream that reads");
	for (i = 0; i < 20 && hrana_streams(engine); i++)
		has(ask_sql(update), "\"ok\"", "a write");
	ok(i < 20, "expires when the log has become long");

	buf_init(&out, arena);
	run = begin_cursor(arena, &out);
	for (i = 0; i < 20; i++) {
		answer = ask_sql(update);
		if (strstr(answer, "\"SQLITE_FULL\""))
			break;
	}
	has(answer, "the log is full", "a cursor is not ended: writes fail");
	has(ask_sql("SELECT count(*) FROM log"), "\"ok\"", "reads do not");
	hrana_end(run);
	has(ask_sql(update), "\"ok\"", "once it has ended, they do not either");
	hrana_rest(engine);
	has(ask_sql("SELECT 74"), "\"74\"", "after a rest");
	arena_free(arena);
}

int
main(void)
{
	ask_start();
	mem = arena_new(256 << 20);
	if (engine_open("a.db", &ask_bounds) == OK) {
		test_statements();
		test_arguments();
		test_batches();
		test_results();
		test_size();
		test_log();
		engine_close();
	}
	arena_free(mem);
	return ask_done();
}
