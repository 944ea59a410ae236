/*
 * Connections: statements that try to leave the database, pragmas, bounds of
 * memory, size and length, and the statements that are kept.
 */
#include "lib/lite/lite.h"
#include "t/unit/hrana_ask.h"

#include <sqlite3.h>

enum { HEAP = 64 << 20 };

static struct lite *lite;

/* Runs a statement; its code, or the fault of its preparation as a negative. */
static int
run(const char *sql)
{
	struct lite_statement *s;
	int offset, rc;
	enum lite_fault fault =
	    lite_prepare(lite, str_of(sql), LITE_RUN, &s, &offset);

	if (fault != LITE_FINE)
		return -(int)fault;
	while ((rc = sqlite3_step(s->stmt)) == SQLITE_ROW)
		continue;
	lite_release(lite, s);
	return rc;
}

/* The first column of the first row. */
static const char *
value_of(const char *sql)
{
	static char text[256];
	struct lite_statement *s;
	int offset;

	snprintf(text, sizeof(text), "(none)");
	if (lite_prepare(lite, str_of(sql), LITE_RUN, &s, &offset) != LITE_FINE)
		return "(fault)";
	if (sqlite3_step(s->stmt) == SQLITE_ROW)
		snprintf(text, sizeof(text), "%s",
		    sqlite3_column_type(s->stmt, 0) == SQLITE_NULL
			? "(null)"
			: (const char *)sqlite3_column_text(s->stmt, 0));
	lite_release(lite, s);
	return text;
}

static void
open_lite(const char *name)
{
	const char *why;
	int rc = lite_open(path_of(name), true, 0, &lite, &why);

	if (!ok(rc == SQLITE_OK, "open %s", name))
		printf("# %s\n", why);
}

static void
test_refused(void)
{
	static const char *const rows[] = { "ATTACH 'other.db' AS o",
		"ATTACH ':memory:' AS o", "ATTACH '' AS o", "DETACH main",
		"VACUUM", "VACUUM INTO 'copy.db'", "/* x */ vacuum main",
		"PRAGMA writable_schema=ON", "PRAGMA writable_schema",
		"PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=OFF",
		"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA synchronous=OFF",
		"PRAGMA temp_store=FILE", "PRAGMA temp_store_directory='/tmp'",
		"PRAGMA data_store_directory='/tmp'", "PRAGMA mmap_size=1000",
		"PRAGMA max_page_count=1000000000",
		"PRAGMA main.max_page_count=1000000000", "PRAGMA page_size=512",
		"PRAGMA cache_size=1000000", "PRAGMA cache_spill=OFF",
		"PRAGMA hard_heap_limit=0", "PRAGMA soft_heap_limit=0",
		"PRAGMA query_only=OFF", "PRAGMA trusted_schema=ON",
		"PRAGMA application_id=7", "PRAGMA schema_version=7",
		"PRAGMA encoding='UTF-16'", "PRAGMA wal_checkpoint(TRUNCATE)",
		"PRAGMA wal_autocheckpoint=0", "PRAGMA journal_size_limit=-1",
		"PRAGMA threads=8", "PRAGMA busy_timeout=100000",
		"PRAGMA secure_delete=ON", "PRAGMA key='x'", "PRAGMA nope",
		"CREATE VIRTUAL TABLE v USING dbstat",
		"CREATE VIRTUAL TABLE v USING sqlite_stmt",
		"CREATE VIRTUAL TABLE v USING nope",
		"CREATE VIRTUAL TABLE v USING fts3tokenize" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_int(run(rows[i]), -LITE_NOT_ALLOWED, rows[i]);
}

static void
test_defended(void)
{
	static const char *const rows[] = {
		"SELECT load_extension('x')", "SELECT load_extension('x', 'y')",
		"SELECT fts3_tokenizer('simple')",
		"SELECT readfile('/etc/passwd')", "SELECT writefile('x', 'y')",
		"SELECT edit('x')",
		"INSERT INTO sqlite_schema VALUES ('a','b','c',1,'d')",
		"UPDATE sqlite_schema SET sql='x'", "DELETE FROM sqlite_master",
		"DROP TABLE sqlite_schema", "CREATE TABLE sqlite_own(a)",
		"UPDATE sqlite_dbpage SET data=x'00'",
		"INSERT INTO f_data VALUES (1, x'00')",
		"SELECT zeroblob(1000000000)", "SELECT randomblob(1000000000)",
		"SELECT * FROM pragma_hard_heap_limit",
		"SELECT hex(zeroblob(16000000))",
		"SELECT replace(hex(zeroblob(4000)), '0', hex(zeroblob(8000)))",
		"SELECT 1 UNION SELECT 1, 2",
		"SELECT group_concat(zeroblob(4000000)) FROM pragma_function_list"
	};

	run("CREATE VIRTUAL TABLE f USING fts5(x)");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int rc = run(rows[i]);

		ok(rc != SQLITE_DONE, "%s fails (%d)", rows[i], rc);
	}
	is_str(value_of("SELECT length(printf('%*d', 1000000000, 1))"),
	    "(null)", "a huge width gives nothing");
	is_int(run("INSERT INTO f VALUES ('words')"), SQLITE_DONE,
	    "then the connection still works");
}

static void
test_pragmas(void)
{
	static const char *const rows[][2] = { { "foreign_keys", "1" },
		{ "journal_mode", "wal" }, { "synchronous", "1" },
		{ "temp_store", "2" }, { "query_only", "0" },
		{ "trusted_schema", "0" }, { "encoding", "UTF-8" },
		{ "user_version", "0" }, { "page_size", "4096" },
		{ "auto_vacuum", "2" }, { "secure_delete", "0" },
		{ "recursive_triggers", "0" }, { "integrity_check", "ok" },
		{ "quick_check", "ok" }, { "table_list", "main" } };
	static const char *const good[] = { "PRAGMA table_info(f)",
		"PRAGMA table_xinfo('f')", "PRAGMA index_list(f)",
		"PRAGMA foreign_key_list(f)", "PRAGMA foreign_key_check",
		"PRAGMA database_list", "PRAGMA collation_list",
		"PRAGMA function_list", "PRAGMA module_list",
		"PRAGMA pragma_list", "PRAGMA compile_options",
		"PRAGMA optimize", "PRAGMA defer_foreign_keys=ON",
		"PRAGMA user_version=5", "PRAGMA FOREIGN_KEYS=OFF",
		"PRAGMA incremental_vacuum(10)", "PRAGMA freelist_count",
		"PRAGMA page_count", "PRAGMA application_id",
		"SELECT * FROM pragma_table_info('f')", "ANALYZE", "REINDEX",
		"PRAGMA case_sensitive_like=ON" };
	char sql[64];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(sql, sizeof(sql), "PRAGMA %s", rows[i][0]);
		is_str(value_of(sql), rows[i][1], sql);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		is_int(run(good[i]), SQLITE_DONE, good[i]);
	is_str(value_of("PRAGMA foreign_keys"), "0", "a setting");
	ok(!lite_clean(lite), "settings of a client cannot be undone");
}

static void
test_describe(void)
{
	struct lite_statement *s;
	int offset;

	is_int(lite_prepare(lite, STR("PRAGMA foreign_keys=OFF"), LITE_DESCRIBE,
		   &s, &offset),
	    LITE_FINE, "a pragma");
	lite_release(lite, s);
	is_str(value_of("PRAGMA foreign_keys"), "1",
	    "sets nothing if it is only described");
	is_int(lite_prepare(lite, STR("CREATE TEMP TABLE x(a)"), LITE_DESCRIBE,
		   &s, &offset),
	    LITE_FINE, "a temporary table");
	lite_release(lite, s);
	ok(lite_clean(lite), "neither changes the connection");
}

/* "CREATE TABLE w(c0,c1,...)" */
static int
create_wide(unsigned columns)
{
	struct arena *mem = arena_new(1 << 20);
	struct buf b;
	int rc;

	buf_init(&b, mem);
	buf_puts(&b, "CREATE TABLE w(c0");
	for (unsigned i = 1; i < columns; i++)
		buf_printf(&b, ",c%u", i);
	buf_printf(&b, ")%c", 0);
	rc = run(b.p);
	arena_free(mem);
	return rc;
}

/* SELECT followed by n times the text, and 1. */
static int
select_deep(size_t n, const char *text, const char *end)
{
	struct arena *mem = arena_new(8 << 20);
	struct buf b;
	int rc;

	buf_init(&b, mem);
	buf_puts(&b, "SELECT ");
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, text);
	buf_printf(&b, "1%s%c", end, 0);
	rc = run(b.p);
	arena_free(mem);
	return rc;
}

static void
test_bounds(void)
{
	is_int(create_wide(2000), SQLITE_DONE, "2,000 columns");
	run("DROP TABLE w");
	ok(create_wide(2001) < 0, "one more is refused");
	ok(select_deep(2000, "-(", "") < 0, "deep expressions are refused");
	ok(select_deep(600, "1 UNION ALL SELECT ", "") < 0,
	    "long compound selects, too");
	ok(select_deep(200000, "1+", "") < 0, "long chains, too");
	is_int(select_deep(130000, "1,", ""), -LITE_FAILED,
	    "too many columns of a result");
	ok(select_deep(1, "", "") == SQLITE_DONE, "a short one is fine");
	run("CREATE TABLE deep(a)");
	run("CREATE TRIGGER forever AFTER INSERT ON deep BEGIN INSERT INTO deep "
	    "VALUES (new.a + 1); END");
	(void)!lite_run(lite, "PRAGMA recursive_triggers=ON");
	ok(run("INSERT INTO deep VALUES (1)") != SQLITE_DONE,
	    "a trigger without end is refused");
	is_str(value_of("SELECT count(*) FROM deep"), "0",
	    "and leaves nothing behind");
	(void)!lite_run(lite, "PRAGMA recursive_triggers=OFF");
	run("DROP TABLE deep");
	is_int(run("CREATE TABLE \"quo\"\"ted; DROP TABLE f\"(\"a b\")"),
	    SQLITE_DONE, "a table named with quotes");
	is_int(run("DROP TABLE \"quo\"\"ted; DROP TABLE f\""), SQLITE_DONE,
	    "can be dropped");
}

static void
test_size(void)
{
	int rc = SQLITE_DONE, rows = 0;

	run("CREATE TABLE big(a)");
	is_int(lite_set_size_max(lite, 1 << 20), SQLITE_OK, "a bound");
	while (rc == SQLITE_DONE && rows++ < 100)
		rc = run("INSERT INTO big VALUES (zeroblob(50000))");
	is_int(rc & 0xFF, SQLITE_FULL, "the database is full");
	ok(rows > 10 && rows < 22, "after %d rows", rows);
	is_int(run("DELETE FROM big"), SQLITE_DONE, "rows can be deleted");
	is_int(run("INSERT INTO big VALUES (zeroblob(50000))"), SQLITE_DONE,
	    "then there is room");
	is_int(lite_set_size_max(lite, 64 << 20), SQLITE_OK, "a larger bound");
	run("DROP TABLE big");
}

static void
test_kept(void)
{
	struct lite_statement *one, *two;
	char sql[64];
	int offset;

	(void)!lite_prepare(lite, STR("SELECT 1"), LITE_RUN, &one, &offset);
	(void)!lite_prepare(lite, STR("SELECT 1"), LITE_RUN, &two, &offset);
	ok(one != two, "a statement that runs is not lent twice");
	lite_release(lite, two);
	lite_release(lite, one);
	(void)!lite_prepare(lite, STR("SELECT 1"), LITE_RUN, &two, &offset);
	ok(one == two || two, "it is kept");
	lite_release(lite, two);
	for (int i = 0; i < 3 * LITE_STATEMENTS; i++) {
		snprintf(sql, sizeof(sql), "SELECT %d", i);
		is_str(value_of(sql), sql + strlen("SELECT "), sql);
	}
	run("CREATE TABLE k(a)");
	run("INSERT INTO k VALUES (1)");
	is_str(value_of("SELECT * FROM k"), "1", "a statement");
	run("ALTER TABLE k ADD COLUMN b DEFAULT 2");
	run("ALTER TABLE k RENAME COLUMN a TO c");
	(void)!lite_prepare(lite, STR("SELECT * FROM k"), LITE_RUN, &one,
	    &offset);
	ok(sqlite3_step(one->stmt) == SQLITE_ROW &&
		sqlite3_column_count(one->stmt) == 2,
	    "sees a changed schema");
	lite_release(lite, one);
	is_int(run("SELECT a FROM k"), -LITE_INPUT, "also if it fails now");
	run("DROP TABLE k");
	lite_shrink(lite);
	is_str(value_of("SELECT 1"), "1", "after all are forgotten");
}

static void
test_skip_blanks(void)
{
	static const char *const rows[][2] = { { "", "" }, { " \n\t;", "" },
		{ "--", "" }, { "-- x\nSELECT", "SELECT" },
		{ "/* x */ /**/y", "y" }, { "/* never", "" }, { "/", "/" },
		{ "-", "-" }, { "- x", "- x" }, { "/*/ x */z", "z" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_slice(lite_skip_blanks(str_of(rows[i][0])), rows[i][1],
		    "blanks and comments are skipped");
}

int
main(void)
{
	ask_start();
	ok(lite_start(HEAP), "the library starts");
	open_lite("a.db");
	test_refused();
	test_defended();
	test_describe();
	test_bounds();
	test_size();
	test_kept();
	test_skip_blanks();
	test_pragmas();
	lite_close(lite);
	return ask_done();
}
