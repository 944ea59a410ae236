/*
 * Fuzzing the engine: whatever is asked, the answer is JSON, no stream is left
 * over, and the database stays whole.
 */
#include "lib/lite/hrana.h"
#include "lib/json/json.h"
#include "t/fuzz/fuzz.h"

#include <unistd.h>

enum { CHECK_EVERY = 5000 };

static struct arena *mem;
static struct hrana *engine;
static char folder[] = "/tmp/io7-fuzz-XXXXXX";

static const struct hrana_bounds bounds = {
	.statement_ns = NS_PER_S / 10,
	.lock_ns = 1,
	.idle_ns = 1,
	.heap = 32 << 20,
	.result = 1 << 20,
	.streams = 4,
	.waiters = 4,
};

static void
clean_up(void)
{
	char path[64];

	hrana_close(engine);
	snprintf(path, sizeof(path), "%s/db", folder);
	unlink(path);
	rmdir(folder);
	arena_free(mem);
}

static bool
start(void)
{
	static const char *const steps[] = {
		"CREATE TABLE t(id INTEGER PRIMARY KEY, a, b TEXT UNIQUE)",
		"INSERT INTO t VALUES (1, 2.5, 'x'), (2, x'00ff', NULL)",
		"CREATE VIRTUAL TABLE f USING fts5(x)",
	};
	static const struct hrana_schema schema = { ROWS(steps) };
	const char *why = "";
	char path[64];

	mem = arena_new(64 << 20);
	if (!mem || !mkdtemp(folder))
		return false;
	snprintf(path, sizeof(path), "%s/db", folder);
	if (hrana_open(path, true, &bounds, &schema, &engine, &why) != OK) {
		printf("# %s\n", why);
		return false;
	}
	atexit(clean_up);
	return true;
}

/* The answer of a cursor is a line of JSON for each entry. */
static bool
is_json(struct str answer, bool is_cursor)
{
	struct str line;

	if (!is_cursor)
		return json_check(answer, JSON_DEPTH_MAX, NULL, NULL);
	while (str_split(&answer, '\n', &line))
		if (line.n && !json_check(line, JSON_DEPTH_MAX, NULL, NULL))
			return false;
	return true;
}

/* Version, permission and credits depend on the length. */
static bool
fuzz_holds(struct str text)
{
	static unsigned count;
	struct hrana_order order = {
		.kind = str_starts(text, STR("{\"baton\"")) ? HRANA_CURSOR
							    : HRANA_PIPELINE,
		.version = text.n % 13 == 0 ? 2 : 3,
		.may_write = text.n % 16 == 0,
		.size_max = 1 << 20,
		.body = text,
	};
	struct hrana_run *run;
	enum hrana_state state;
	struct buf out;
	const char *why;
	bool good;

	if (!engine && !start())
		return false;
	arena_reset(mem);
	buf_init(&out, mem);
	run = hrana_begin(engine, mem, &order);
	while ((state = hrana_step(run, &out)) != HRANA_DONE)
		if (state == HRANA_CREDIT)
			hrana_allow(run, text.n % 7 != 0);
	good = !out.failed && hrana_total(run)->status >= 200 &&
	    is_json(buf_view(&out), order.kind == HRANA_CURSOR);
	hrana_end(run);
	(void)hrana_sweep(engine);
	if (++count % CHECK_EVERY == 0)
		good = good && hrana_check(engine, &why) == OK;
	return good && hrana_streams(engine) == 0;
}

#ifndef FUZZ_ENGINE

static void
make_sql(struct fuzz *f)
{
	static const char *const pieces[] = { "SELECT ", "SELECT * FROM t ",
		"INSERT INTO t VALUES (", "UPDATE t SET a = ", "DELETE FROM t ",
		"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "RELEASE s",
		"PRAGMA ", "foreign_keys", "=OFF", "table_info(t)",
		"CREATE TABLE x AS ", "DROP TABLE x", "CREATE TEMP TABLE y(z)",
		"WITH c(x) AS (VALUES(1)) ", "SELECT x FROM c ",
		"ATTACH 'x' AS y", "VACUUM", "EXPLAIN ", "WHERE id = ", "1",
		"2.5e300", "x'00'", "'it''s'", "NULL", "?", "?2", ":a", "@b",
		"$c", "+", "||", ",", "(", ")", ";", " ", "-- c\\n", "/* d */",
		"\\\"t\\\"", "zeroblob(100)", "json_object('a', 1)",
		" RETURNING *", " ORDER BY 1", "f MATCH ", "count(*)",
		"\\u0000", "\\ud83d\\ude00", " UNION SELECT " };

	static const char *const statements[] = {
		"SELECT * FROM t", "SELECT ?", "SELECT :a, ?",
		"SELECT id FROM t WHERE a = ?1",
		"INSERT INTO t(a,b) VALUES (?, :a)", "BEGIN", "COMMIT",
		"ROLLBACK", "BEGIN IMMEDIATE",
		"UPDATE t SET a = a + 1 RETURNING a",
		"DELETE FROM t WHERE id > 5", "SELECT 1; SELECT 2", "",
		"INSERT INTO f VALUES ('words and words')",
		"SELECT * FROM f WHERE f MATCH 'words'", "PRAGMA foreign_keys",
		"PRAGMA foreign_keys=OFF", "CREATE TABLE x(y)", "DROP TABLE x",
		"SELECT 1e999, x'00', 'a' || char(0)", "EXPLAIN SELECT 1",
		"SELECT id, randomblob(9000) FROM t, (SELECT 1 UNION SELECT 2)"
	};

	buf_puts(&f->text, "\"sql\":\"");
	if (fuzz_below(f, 3))
		buf_puts(&f->text, FUZZ_PICK(f, statements));
	else
		for (size_t i = fuzz_below(f, 8); i; i--)
			buf_puts(&f->text, FUZZ_PICK(f, pieces));
	buf_putc(&f->text, '"');
}

static void
make_value(struct fuzz *f)
{
	static const char *const good[] = { "{\"type\":\"null\"}",
		"{\"type\":\"integer\",\"value\":\"-7\"}",
		"{\"type\":\"float\",\"value\":1e300}",
		"{\"type\":\"text\",\"value\":\"x\\u0000\"}",
		"{\"base64\":\"AQI\",\"type\":\"blob\"}" };
	static const char *const bad[] = {
		"{\"type\":\"integer\",\"value\":\"9223372036854775808\"}",
		"{\"type\":\"float\",\"value\":1e400}",
		"{\"type\":\"text\",\"value\":\"\\ud800\"}",
		"{\"type\":\"blob\",\"base64\":\"A\"}", "null", "[]"
	};

	buf_puts(&f->text,
	    fuzz_below(f, 20) ? FUZZ_PICK(f, good) : FUZZ_PICK(f, bad));
}

static void
make_args(struct fuzz *f)
{
	static const char *const names[] = { "a", ":a", "b", "", "?1" };
	bool named = fuzz_below(f, 3) == 0;

	buf_puts(&f->text, named ? ",\"named_args\":[" : ",\"args\":[");
	for (size_t i = fuzz_below(f, 4); i; i--) {
		if (named)
			buf_printf(&f->text,
			    "{\"name\":\"%s\",\"value\":", FUZZ_PICK(f, names));
		make_value(f);
		buf_puts(&f->text, named ? "}" : "");
		buf_puts(&f->text, i > 1 ? "," : "");
	}
	buf_putc(&f->text, ']');
}

static void
make_stmt(struct fuzz *f)
{
	buf_puts(&f->text, "{");
	if (fuzz_below(f, 40))
		make_sql(f);
	else
		buf_puts(&f->text, "\"sql_id\":1");
	if (fuzz_below(f, 3) == 0)
		make_args(f);
	if (fuzz_below(f, 8) == 0)
		buf_puts(&f->text, ",\"want_rows\":false");
	buf_puts(&f->text, "}");
}

static void
make_condition(struct fuzz *f, size_t depth)
{
	static const char *const leaves[] = { "{\"type\":\"ok\",\"step\":0}",
		"{\"type\":\"error\",\"step\":1}",
		"{\"type\":\"is_autocommit\"}",
		"{\"type\":\"ok\",\"step\":4294967295}", "null" };

	switch (depth ? fuzz_below(f, 4) : 0) {
	case 1:
		buf_puts(&f->text, "{\"type\":\"not\",\"cond\":");
		make_condition(f, depth - 1);
		buf_puts(&f->text, "}");
		break;
	case 2:
		buf_puts(&f->text, "{\"type\":\"and\",\"conds\":[");
		make_condition(f, depth - 1);
		buf_puts(&f->text, ",");
		make_condition(f, depth - 1);
		buf_puts(&f->text, "]}");
		break;
	default:
		buf_puts(&f->text, FUZZ_PICK(f, leaves));
	}
}

static void
make_batch(struct fuzz *f)
{
	buf_puts(&f->text, "\"batch\":{\"steps\":[");
	for (size_t i = fuzz_below(f, 5); i; i--) {
		buf_puts(&f->text, "{");
		if (fuzz_below(f, 2)) {
			buf_puts(&f->text, "\"condition\":");
			make_condition(f, 3);
			buf_puts(&f->text, ",");
		}
		buf_puts(&f->text, "\"stmt\":");
		make_stmt(f);
		buf_puts(&f->text, i > 1 ? "}," : "}");
	}
	buf_puts(&f->text, "]}");
}

static void
make_request(struct fuzz *f)
{
	static const char *const others[] = { "\"close\"", "\"get_autocommit\"",
		"\"store_sql\",\"sql_id\":1,\"sql\":\"SELECT 1\"",
		"\"close_sql\",\"sql_id\":1" };

	buf_puts(&f->text, "{\"type\":");
	switch (fuzz_below(f, 8)) {
	case 0:
		buf_puts(&f->text, "\"batch\",");
		make_batch(f);
		break;
	case 1:
		buf_puts(&f->text,
		    fuzz_below(f, 2) ? "\"sequence\"," : "\"describe\",");
		make_sql(f);
		break;
	case 2:
		buf_puts(&f->text,
		    fuzz_below(f, 4) ? FUZZ_PICK(f, others) : "\"nope\"");
		break;
	default:
		buf_puts(&f->text, "\"execute\",\"stmt\":");
		make_stmt(f);
	}
	buf_puts(&f->text, "}");
}

static void
fuzz_make(struct fuzz *f)
{
	if (fuzz_below(f, 5) == 0) {
		buf_puts(&f->text, "{\"baton\":null,");
		make_batch(f);
	} else {
		buf_puts(&f->text, "{\"requests\":[");
		for (size_t i = fuzz_below(f, 5); i; i--) {
			make_request(f);
			buf_puts(&f->text, i > 1 ? "," : "");
		}
		buf_puts(&f->text, "]");
	}
	buf_puts(&f->text, "}");
	/* The length chooses how the text is run. */
	for (size_t i = fuzz_below(f, 16); i; i--)
		buf_putc(&f->text, ' ');
}

#endif
