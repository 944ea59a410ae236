/*
 * The protocol: each request, each fault, streams and batons, locks, deadlines,
 * bounds, and statements that try to escape.
 */
#include "lib/lite/hrana.h"
#include "t/unit/hrana_ask.h"

/* A body, and what its answer has. */
struct row {
	const char *what, *body, *want;
};

static void
check_rows(const struct row *rows, size_t n, int status)
{
	char body[2048];

	for (size_t i = 0; i < n; i++) {
		bool whole = rows[i].body[0] == '{' && status != 200;

		snprintf(body, sizeof(body),
		    whole ? "%s" : "{\"requests\":[%s]}", rows[i].body);
		has(ask(body), rows[i].want, rows[i].what);
		is_int(ask_total.status, status, "its status");
	}
	is_int(hrana_streams(engine), 0, "no stream is left");
}

#define EXECUTE(stmt) "{\"type\":\"execute\",\"stmt\":" stmt "}"
#define SQL(sql)      EXECUTE("{\"sql\":\"" sql "\"}")
#define CLOSE         ",{\"type\":\"close\"}"
#define BATCH(steps) \
	"{\"type\":\"batch\",\"batch\":{\"steps\":[" steps "]}}" CLOSE
#define STEP(sql) "{\"stmt\":{\"sql\":\"" sql "\"}}"

static const struct row requests[] = {
	{ "close", "{\"type\":\"close\"}",
	    "{\"results\":[{\"type\":\"ok\",\"response\":{\"type\":"
	    "\"close\"}}],\"baton\":null,\"base_url\":null}" },
	{ "execute", SQL("SELECT 1 AS a, 'x' AS b") CLOSE,
	    "{\"cols\":[{\"name\":\"a\",\"decltype\":null},{\"name\":"
	    "\"b\",\"decltype\":null}],\"rows\":[[{\"type\":"
	    "\"integer\",\"value\":\"1\"},{\"type\":\"text\",\"value\":"
	    "\"x\"}]],\"affected_row_count\":0,\"last_insert_rowid\":"
	    "null,\"replication_index\":null,\"rows_read\":0," },
	{ "CREATE",
	    SQL("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT "
		"UNIQUE)") CLOSE,
	    "\"cols\":[],\"rows\":[],\"affected_row_count\":0,"
	    "\"last_insert_rowid\":null" },
	{ "INSERT", SQL("INSERT INTO t(a) VALUES ('x'),('y')") CLOSE,
	    "\"affected_row_count\":2,\"last_insert_rowid\":\"2\"" },
	{ "INSERT of WITH",
	    SQL("WITH w AS (VALUES('z')) INSERT INTO t(a) SELECT * "
		"FROM w") CLOSE,
	    "\"affected_row_count\":1,\"last_insert_rowid\":\"3\"" },
	{ "UPDATE after a comment",
	    SQL("/* c */ -- d\\n UPDATE t SET a = a || 'q'") CLOSE,
	    "\"affected_row_count\":3,\"last_insert_rowid\":null" },
	{ "RETURNING", SQL("DELETE FROM t WHERE id = 3 RETURNING a") CLOSE,
	    "\"decltype\":\"TEXT\"}],\"rows\":[[{\"type\":\"text\","
	    "\"value\":\"zq\"}]],\"affected_row_count\":1" },
	{ "rows_read", SQL("SELECT * FROM t") CLOSE,
	    "\"rows_read\":2,\"rows_written\":0" },
	{ "rows_written", SQL("UPDATE t SET id = id") CLOSE,
	    "\"rows_written\":2" },
	{ "want_rows",
	    EXECUTE("{\"sql\":\"SELECT 1\",\"want_rows\":false}") CLOSE,
	    "\"rows\":[]" },
	{ "sequence",
	    "{\"type\":\"sequence\",\"sql\":\"SELECT 1; CREATE TABLE "
	    "q(a);; INSERT INTO q VALUES (1) -- end\"}," SQL(
		"SELECT count(*) FROM q") CLOSE,
	    "{\"type\":\"sequence\"}},{\"type\":\"ok\",\"response\":{"
	    "\"type\":\"execute\",\"result\":{\"cols\":[{\"name\":"
	    "\"count(*)\",\"decltype\":null}],\"rows\":[[{\"type\":"
	    "\"integer\",\"value\":\"1\"}]]" },
	{ "a sequence stops at its first fault",
	    "{\"type\":\"sequence\",\"sql\":\"INSERT INTO q VALUES "
	    "(2); SELECT nope; INSERT INTO q VALUES (3)\"}," SQL(
		"SELECT sum(a) FROM q") CLOSE,
	    "\"SQL_INPUT_ERROR\"}},{\"type\":\"ok\",\"response\":{"
	    "\"type\":\"execute\",\"result\":{\"cols\":[{\"name\":"
	    "\"sum(a)\",\"decltype\":null}],\"rows\":[[{\"type\":"
	    "\"integer\",\"value\":\"3\"}]]" },
	{ "an empty sequence", "{\"type\":\"sequence\",\"sql\":\" ; \"}" CLOSE,
	    "{\"type\":\"sequence\"}" },
	{ "describe",
	    "{\"type\":\"describe\",\"sql\":\"SELECT a, :x, ?4 FROM t "
	    "WHERE id = @y\"}" CLOSE,
	    "{\"params\":[{\"name\":\":x\"},{\"name\":null},{\"name\":"
	    "null},{\"name\":\"?4\"},{\"name\":\"@y\"}],\"cols\":[{"
	    "\"name\":\"a\",\"decltype\":\"TEXT\"},{\"name\":\":x\","
	    "\"decltype\":null},{\"name\":\"?4\",\"decltype\":null}],"
	    "\"is_explain\":false,\"is_readonly\":true}" },
	{ "describe EXPLAIN",
	    "{\"type\":\"describe\",\"sql\":\"EXPLAIN DELETE FROM "
	    "t\"}" CLOSE,
	    "\"is_explain\":true" },
	{ "describe nothing", "{\"type\":\"describe\",\"sql\":\"\"}" CLOSE,
	    "{\"params\":[],\"cols\":[],\"is_explain\":false,"
	    "\"is_readonly\":true}" },
	{ "describe nonsense",
	    "{\"type\":\"describe\",\"sql\":\"selec\"}" CLOSE,
	    "SQL input error: near \\\"selec\\\": syntax error (at offset "
	    "0)\",\"code\":\"SQL_INPUT_ERROR\"" },
	{ "a stored text",
	    "{\"type\":\"store_sql\",\"sql_id\":-3,\"sql\":\"SELECT "
	    "5\"}," EXECUTE(
		"{\"sql_id\":-3}") ",{\"type\":\"close_sql\",\"sql_id\""
				   ":-3}" CLOSE,
	    "\"value\":\"5\"" },
	{ "get_autocommit", SQL("BEGIN") ",{\"type\":\"get_autocommit\"}" CLOSE,
	    "{\"type\":\"get_autocommit\",\"is_autocommit\":false}" },
	{ "requests go on after a fault",
	    SQL("SELECT nope") "," SQL("SELECT 4") CLOSE, "\"value\":\"4\"" },
	{ "FTS5", SQL("CREATE VIRTUAL TABLE f USING fts5(x)") CLOSE, "\"ok\"" },
	{ "R*Tree", SQL("CREATE VIRTUAL TABLE r USING rtree(i,a,b)") CLOSE,
	    "\"ok\"" },
	{ "JSON", SQL("SELECT json_extract('[7,8]', '$[1]')") CLOSE,
	    "\"value\":\"8\"" },
};

static void
test_requests(void)
{
	check_rows(requests, ARRAY_LEN(requests), 200);
}

static const struct row batches[] = {
	{ "results and errors",
	    BATCH(STEP("SELECT 1 AS x") "," STEP("SELECT nope")),
	    "\"value\":\"1\"}]],\"affected_row_count\":0" },
	{ "ok",
	    BATCH(STEP("SELECT 1") ",{\"condition\":{\"type\":\"ok\","
				   "\"step\":0},\"stmt\":{\"sql\":"
				   "\"SELECT 62\"}}"),
	    "\"62\"" },
	{ "error",
	    BATCH(STEP("SELECT nope") ",{\"condition\":{\"type\":\"error\","
				      "\"step\":0},\"stmt\":{\"sql\":"
				      "\"SELECT 63\"}}"),
	    "\"63\"" },
	{ "a skipped step is not ok",
	    BATCH("{\"condition\":{\"type\":\"or\",\"conds\":[]},"
		  "\"stmt\":{\"sql\":\"SELECT 1\"}},{\"condition\":{"
		  "\"type\":\"ok\",\"step\":0},\"stmt\":{\"sql\":"
		  "\"SELECT 2\"}}"),
	    "{\"step_results\":[null,null],\"step_errors\":[null,null],"
	    "\"replication_index\":null}" },
	{ "it counts as an error",
	    BATCH("{\"condition\":{\"type\":\"or\",\"conds\":[]},"
		  "\"stmt\":{\"sql\":\"SELECT 1\"}},{\"condition\":{"
		  "\"type\":\"error\",\"step\":0},\"stmt\":{\"sql\":"
		  "\"SELECT 68\"}}"),
	    "\"68\"" },
	{ "not, and",
	    BATCH("{\"condition\":{\"type\":\"not\",\"cond\":{\"type\":"
		  "\"not\",\"cond\":{\"type\":\"and\",\"conds\":[]}}},"
		  "\"stmt\":{\"sql\":\"SELECT 64\"}}"),
	    "\"64\"" },
	{ "and, or of several",
	    BATCH(STEP(
		"SELECT 1") ","
			    "{\"condition\":{\"type\":\"or\",\"conds\":[{"
			    "\"type\":\"error\",\"step\":0},{\"type\":"
			    "\"and\",\"conds\":[{\"type\":\"ok\",\"step\":0}"
			    ",{\"type\":\"ok\",\"step\":0}]}]},\"stmt\":{"
			    "\"sql\":\"SELECT 65\"}}"),
	    "\"65\"" },
	{ "is_autocommit",
	    BATCH(STEP("BEGIN") ",{\"condition\":{\"type\":\"not\","
				"\"cond\":{\"type\":\"is_autocommit\"}}"
				",\"stmt\":{\"sql\":\"SELECT 66\"}}"),
	    "\"66\"" },
	{ "a condition that is null",
	    BATCH("{\"condition\":null,\"stmt\":{\"sql\":\"SELECT "
		  "67\"}}"),
	    "\"67\"" },
	{ "a fault that needs no database fails a batch before it runs",
	    BATCH(STEP("SELECT 1") "," STEP("SELEC")),
	    "{\"results\":[{\"type\":\"error\"," },
	{ "also of a step that would be skipped",
	    BATCH(STEP("SELECT 1") ",{\"condition\":{\"type\":\"error\","
				   "\"step\":0},\"stmt\":{\"sql\":"
				   "\"SELECT 1; SELECT 2\"}}"),
	    "{\"results\":[{\"type\":\"error\"," },
	{ "settings of a batch take effect when it runs",
	    BATCH(STEP("PRAGMA foreign_keys=OFF") "," STEP(
		"PRAGMA foreign_keys")),
	    "\"value\":\"0\"" },
	{ "no steps", BATCH(""), "{\"step_results\":[],\"step_errors\":[]" },
};

static void
test_batches(void)
{
	check_rows(batches, ARRAY_LEN(batches), 200);
	lacks(ask("{\"requests\":[" BATCH(STEP("SELECT nope")) "]}"),
	    "\"cols\"", "a step that failed has no result");
}

static void
test_values(void)
{
	/* What is sent, and what comes back. */
	static const char *const rows[][2] = {
		{ "{\"type\":\"null\"}", "{\"type\":\"null\"}" },
		{ "{\"type\":\"integer\",\"value\":\"9223372036854775807\"}",
		    "\"9223372036854775807\"" },
		{ "{\"type\":\"integer\",\"value\":\"-9223372036854775808\"}",
		    "\"-9223372036854775808\"" },
		{ "{\"value\":\"+01\",\"type\":\"integer\"}", "\"1\"" },
		{ "{\"type\":\"float\",\"value\":0.1}", "\"value\":0.1}" },
		{ "{\"type\":\"float\",\"value\":3}", "\"value\":3.0}" },
		{ "{\"type\":\"float\",\"value\":-0.0}", "\"value\":-0.0}" },
		{ "{\"type\":\"float\",\"value\":1.7976931348623157e308}",
		    "\"value\":1.7976931348623157e+308}" },
		{ "{\"type\":\"float\",\"value\":5e-324}",
		    "\"value\":4.94065645841247e-324}" },
		{ "{\"type\":\"float\",\"value\":12345678901234567890123}",
		    "\"value\":1.2345678901234568e+22}" },
		{ "{\"type\":\"text\",\"value\":\"\"}", "\"value\":\"\"" },
		{ "{\"type\":\"text\",\"value\":\"a\\u0000b\\n\\\"\"}",
		    "\"value\":\"a\\u0000b\\n\\\"\"" },
		{ "{\"type\":\"text\",\"value\":\"\\uD83D\\uDE00\"}",
		    "\"value\":\"\xF0\x9F\x98\x80\"" },
		{ "{\"type\":\"blob\",\"base64\":\"\"}", "\"base64\":\"\"" },
		{ "{\"type\":\"blob\",\"base64\":\"AQ==\"}",
		    "\"base64\":\"AQ\"" },
		{ "{\"type\":\"blob\",\"base64\":\"+/8A\"}",
		    "\"base64\":\"+/8A\"" },
		{ "{\"type\":\"blob\",\"base64\":\"AQI\"}",
		    "\"base64\":\"AQI\"" },
	};
	char body[512];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(body, sizeof(body),
		    "{\"requests\":[{\"type\":\"execute\",\"stmt\":{\"sql\":"
		    "\"SELECT ? AS v\",\"args\":[%s]}}" CLOSE "]}",
		    rows[i][0]);
		has(ask(body), rows[i][1], rows[i][0]);
	}
	has(ask_sql("SELECT 1e999, -1e999"),
	    "{\"type\":\"float\",\"value\":null},{\"type\":\"float\",\"value\":"
	    "null}",
	    "infinity has no JSON");
	has(ask_sql("SELECT CAST(x'41FF42' AS TEXT)"),
	    "\"value\":\"A\xEF\xBF\xBD"
	    "B\"",
	    "bytes that are not UTF-8 are replaced");
}

#define ARGS(sql, args) EXECUTE("{\"sql\":\"" sql "\"," args "}") CLOSE
#define ONE             "{\"type\":\"integer\",\"value\":\"1\"}"
#define NAMED(name)     "{\"name\":\"" name "\",\"value\":" ONE "}"

static void
test_arguments(void)
{
	static const struct row rows[] = {
		{ "by position",
		    ARGS("SELECT ?2 AS x", "\"args\":[" ONE "," ONE "]"),
		    "\"value\":\"1\"" },
		{ "by name",
		    ARGS("SELECT :a + @b + $c AS x",
			"\"named_args\":[" NAMED("a") "," NAMED("@b") "," NAMED(
			    "c") "]"),
		    "\"value\":\"3\"" },
		{ "too few", ARGS("SELECT ?, ?", "\"args\":[" ONE "]"),
		    "Arguments do not match SQL parameters: value for parameter "
		    "2 not found\",\"code\":\"ARGS_INVALID\"" },
		{ "too many", ARGS("SELECT ?", "\"args\":[" ONE "," ONE "]"),
		    "Arguments do not match SQL parameters: too many "
		    "parameters, expected 1 found 2\",\"code\":"
		    "\"ARGS_INVALID\"" },
		{ "a name that is missing",
		    ARGS("SELECT :a", "\"named_args\":[" NAMED("b") "]"),
		    "value for parameter :a not found" },
		{ "a position for a name",
		    ARGS("SELECT :a", "\"args\":[" ONE "]"),
		    "value for parameter :a not found" },
		{ "both",
		    ARGS("SELECT ?",
			"\"args\":[" ONE "],\"named_args\":[" NAMED("a") "]"),
		    "\"ARGS_BOTH_POSITIONAL_AND_NAMED\"" },
	};

	check_rows(rows, ARRAY_LEN(rows), 200);
}

static void
test_faults(void)
{
	static const struct {
		const char *sql, *want;
	} rows[] = {
		{ "INSERT INTO u(a) VALUES (1),(1)",
		    "\"SQLite error: UNIQUE constraint failed: u.a\",\"code\":"
		    "\"SQLITE_CONSTRAINT\"" },
		{ "INSERT INTO u(b) VALUES (9)",
		    "CHECK constraint failed: b < 5" },
		{ "INSERT INTO u(c) VALUES (NULL)",
		    "NOT NULL constraint failed: u.c" },
		{ "INSERT INTO u(d) VALUES (99)",
		    "FOREIGN KEY constraint failed" },
		{ "INSERT INTO u(id) VALUES ('x')",
		    "\"SQLite error: datatype mismatch\",\"code\":"
		    "\"SQLITE_MISMATCH\"" },
		{ "SELECT * FROM nope",
		    "\"SQLite error: no such table: nope\",\"code\":"
		    "\"SQLITE_UNKNOWN\"" },
		{ "  SELECT nope",
		    "\"SQL input error: no such column: nope (at offset 9)\","
		    "\"code\":\"SQL_INPUT_ERROR\"" },
		{ "SELEC", "\"SQL_PARSE_ERROR\"" },
		{ "SELECT", "\"SQL_PARSE_ERROR\"" },
		{ "SELECT 'abc", "\"SQL_PARSE_ERROR\"" },
		{ "SELECT \"text in double quotes\"", "\"SQL_INPUT_ERROR\"" },
		{ "", "\"SQL_NO_STATEMENT\"" },
		{ " ; -- nothing", "\"SQL_NO_STATEMENT\"" },
		{ "/* not closed", "\"SQL_NO_STATEMENT\"" },
		{ "SELECT 1; SELECT 2", "\"SQL_MANY_STATEMENTS\"" },
		{ "COMMIT", "\"SQLITE_UNKNOWN\"" },
		{ "SELECT abs(-9223372036854775808)", "integer overflow" },
	};

	ask_sql("CREATE TABLE u(id INTEGER PRIMARY KEY, a UNIQUE, b CHECK (b < "
		"5), c NOT NULL DEFAULT 1, d REFERENCES u(id))");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		has(ask_sql(rows[i].sql), rows[i].want, rows[i].sql);
	has(ask_sql("SELECT 1;; -- and a comment"), "\"value\":\"1\"",
	    "what follows a statement may be empty");
	has(ask("{\"requests\":[" SQL("SELECT 1\\u0000 2") CLOSE "]}"),
	    "\"SQL_PARSE_ERROR\"", "NUL in a statement");
	ask_sql("DROP TABLE u");
}

static const struct row malformed[] = {
	{ "no body", "{\"requests\":[]", "PROTOCOL_ERROR" },
	{ "no requests", "{}", "missing field `requests`" },
	{ "an array", "{\"requests\":{}}", "must be an array" },
	{ "a baton", "{\"baton\":5,\"requests\":[]}",
	    "`baton` must be a string" },
	{ "twice", "{\"requests\":[],\"requests\":[]}", "duplicate" },
	{ "no object", "5", "must be an object" },
	{ "no type", "{\"requests\":[{\"typ\":1}]}", "`type`" },
	{ "unknown type", "{\"requests\":[{\"type\":\"nope\"}]}",
	    "unknown variant `nope`" },
	{ "no statement", "{\"requests\":[{\"type\":\"execute\"}]}",
	    "missing field `stmt`" },
	{ "no text", "{\"requests\":[" EXECUTE("{}") "]}",
	    "Either `sql` or `sql_id` are required" },
	{ "both texts",
	    "{\"requests\":[" EXECUTE("{\"sql\":\"x\",\"sql_id\":1}") "]}",
	    "but not both" },
	{ "unknown text", "{\"requests\":[" EXECUTE("{\"sql_id\":1}") "]}",
	    "SQL text 1 not found" },
	{ "a number that is too large",
	    "{\"requests\":[" EXECUTE("{\"sql_id\":3000000000}") "]}",
	    "32-bit" },
	{ "a text stored twice",
	    "{\"requests\":[{\"type\":\"store_sql\",\"sql_id\":1,"
	    "\"sql\":\"\"},{\"type\":\"store_sql\",\"sql_id\":1,"
	    "\"sql\":\"\"}]}",
	    "SQL text 1 already exists" },
	{ "after close",
	    "{\"requests\":[{\"type\":\"close\"}," SQL("SELECT 1") "]}",
	    "Stream for this baton was closed" },
	{ "want_rows",
	    "{\"requests\":[" EXECUTE(
		"{\"sql\":\"SELECT 1\",\"want_rows\":1}") "]}",
	    "must be a boolean" },
	{ "a condition on itself",
	    "{\"requests\":[" BATCH(
		"{\"condition\":{\"type\":\"ok\",\"step\":0},\"stmt\":"
		"{\"sql\":\"SELECT 1\"}}") "]}",
	    "Invalid reference to step in a batch condition" },
	{ "a condition on a later step",
	    "{\"requests\":[" BATCH(
		"{\"condition\":{\"type\":\"not\",\"cond\":{\"type\":"
		"\"error\",\"step\":1}},\"stmt\":{\"sql\":\"SELECT "
		"1\"}}," STEP("SELECT 2")) "]}",
	    "Invalid reference" },
	{ "a negative step",
	    "{\"requests\":[" BATCH(
		"{\"condition\":{\"type\":\"ok\",\"step\":-1},\"stmt\":"
		"{}}") "]}",
	    "`step`" },
	{ "an unknown condition",
	    "{\"requests\":[" BATCH(
		"{\"condition\":{\"type\":\"what\"},\"stmt\":{}}") "]}",
	    "unknown variant" },
	{ "a lone surrogate", "{\"requests\":[" SQL("\\ud800") "]}",
	    "surrogate" },
	{ "not UTF-8", "{\"requests\":[" SQL("\xFF") "]}", "UTF-8" },
	{ "NaN",
	    "{\"requests\":[" ARGS("SELECT ?",
		"\"args\":[{\"type\":\"float\",\"value\":NaN}]") "]}",
	    "a value is missing" },
};

static void
test_protocol_faults(void)
{
	static const char *const values[] = { "5", "null", "{}",
		"{\"type\":\"what\"}", "{\"type\":\"integer\",\"value\":1}",
		"{\"type\":\"integer\",\"value\":\"x\"}",
		"{\"type\":\"integer\",\"value\":\" 1\"}",
		"{\"type\":\"integer\",\"value\":\"\"}",
		"{\"type\":\"integer\",\"value\":\"9223372036854775808\"}",
		"{\"type\":\"float\",\"value\":\"1\"}",
		"{\"type\":\"float\",\"value\":1e999}",
		"{\"type\":\"float\",\"value\":null}",
		"{\"type\":\"text\",\"value\":1}", "{\"type\":\"text\"}",
		"{\"type\":\"text\",\"value\":\"\\ud800\"}",
		"{\"type\":\"blob\",\"base64\":\"A\"}",
		"{\"type\":\"blob\",\"base64\":\"AR\"}",
		"{\"type\":\"blob\",\"base64\":\"-_\"}",
		"{\"type\":\"blob\",\"base64\":\"A A=\"}",
		"{\"type\":\"blob\"}" };
	char body[512];

	check_rows(malformed, ARRAY_LEN(malformed), 400);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		snprintf(body, sizeof(body),
		    "{\"requests\":[" ARGS("SELECT ?", "\"args\":[%s]") "]}",
		    values[i]);
		has(ask(body), "\"PROTOCOL_ERROR\"", values[i]);
		is_int(ask_total.status, 400, "its status");
	}
}

static void
test_versions(void)
{
	static const char *const bodies[] = {
		"{\"requests\":[{\"type\":\"get_autocommit\"}]}",
		"{\"requests\":[" BATCH("{\"condition\":{\"type\":"
					"\"is_autocommit\"},\"stmt\":{\"sql\":"
					"\"SELECT 1\"}}") "]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct hrana_order order =
		    order_of(HRANA_PIPELINE, str_of(bodies[i]));

		order.version = 2;
		has(ask_order(&order), "hrana3 and higher",
		    "version 2 does not have it");
		is_int(ask_total.status, 400, "its status");
	}
}

int
main(void)
{
	ask_start();
	if (engine_open("a.db", &ask_bounds) == OK) {
		test_requests();
		test_batches();
		test_values();
		test_arguments();
		test_faults();
		test_protocol_faults();
		test_versions();
		engine_close();
	}
	return ask_done();
}
