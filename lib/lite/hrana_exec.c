/*
 * One statement. A result's columns are written at its first row or at its end:
 * until then a statement that finds the database locked can begin again, and
 * SQLite may have prepared it anew for a changed schema.
 *
 * rows_read counts the steps of scans without an index, and at least the rows
 * of the result if a table was read. rows_written counts changed rows, also
 * those that triggers change. sqld also counts rows found by an index and
 * entries of indexes; SQLite does not report these.
 */
#include "lib/lite/hrana_impl.h"

#include "lib/os/clock.h"

#include <sqlite3.h>

static bool fail(struct hrana_exec *e, const char *code, const char *format,
    ...) PRINTF_LIKE(3, 4);

static bool
fail(struct hrana_exec *e, const char *code, const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init(&b, e->mem);
	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	buf_putc(&b, '\0');
	e->fault =
	    (struct hrana_fault){ b.failed ? "out of memory" : b.p, code };
	return false;
}

static void
write_columns(struct buf *out, struct sqlite3_stmt *stmt)
{
	int n = sqlite3_column_count(stmt);

	buf_putc(out, '[');
	for (int i = 0; i < n; i++) {
		const char *type = sqlite3_column_decltype(stmt, i);

		buf_puts(out, i ? ",{\"name\":" : "{\"name\":");
		buf_json(out, str_of(sqlite3_column_name(stmt, i)));
		buf_puts(out, ",\"decltype\":");
		if (type)
			buf_json(out, str_of(type));
		else
			buf_puts(out, "null");
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

static void
write_head(struct hrana_exec *e, struct buf *out)
{
	e->began = true;
	switch (e->form) {
	case HRANA_AS_RESULT:
		buf_puts(out, "{\"cols\":");
		write_columns(out, e->s->stmt);
		buf_puts(out, ",\"rows\":[");
		break;
	case HRANA_AS_ENTRIES:
		buf_printf(out,
		    "{\"type\":\"step_begin\",\"step\":%zu,\"cols\":", e->step);
		write_columns(out, e->s->stmt);
		buf_puts(out, "}\n");
		break;
	case HRANA_AS_NOTHING:
		break;
	}
}

static bool
prepare(struct hrana_exec *e, struct str sql, enum lite_use use,
    enum lite_fault *fault)
{
	/* Empty statements before the first one are skipped. */
	struct str first = lite_skip_blanks(sql);
	int offset;

	e->sql = sql;
	*fault = LITE_SYNTAX;
	if (memchr(sql.p, '\0', sql.n))
		return fail(e, "SQL_PARSE_ERROR",
		    "SQL string could not be parsed: unrecognized token");
	*fault = lite_prepare(e->lite, first, use, &e->s, &offset);
	if (*fault == LITE_FINE)
		return true;
	/* sqld does not parse a statement that it only describes. */
	if (use == LITE_DESCRIBE && *fault == LITE_SYNTAX)
		*fault = offset >= 0 ? LITE_INPUT : LITE_FAILED;
	if (offset >= 0)
		offset += (int)(sql.n - first.n);
	e->fault =
	    hrana_fault_of_prepare(e->mem, e->lite, *fault, first, offset);
	return false;
}

static const struct hrana_arg *
find_arg(const struct hrana_stmt *stmt, int at, const char *name)
{
	uint64_t position = (uint64_t)at;

	if (stmt->has_positions) {
		/* "?7" has a name, and a position. */
		if (name && name[0] != '?')
			return NULL;
		return position <= stmt->n ? &stmt->args[position - 1] : NULL;
	}
	for (size_t i = 0; name && i < stmt->n; i++) {
		struct str given = stmt->args[i].name;

		if (str_eq(given, str_of(name)) ||
		    str_eq(given, str_of(name + 1)))
			return &stmt->args[i];
	}
	return NULL;
}

static bool
bind(struct hrana_exec *e, const struct hrana_stmt *stmt)
{
	int n = sqlite3_bind_parameter_count(e->s->stmt);

	if (stmt->n > (size_t)n)
		return fail(e, "ARGS_INVALID",
		    "Arguments do not match SQL parameters: too many "
		    "parameters, expected %d found %zu",
		    n, stmt->n);
	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(e->s->stmt, i);
		const struct hrana_arg *arg = find_arg(stmt, i, name);

		if (!arg && name)
			return fail(e, "ARGS_INVALID",
			    "Arguments do not match SQL parameters: value for "
			    "parameter %s not found",
			    name);
		if (!arg)
			return fail(e, "ARGS_INVALID",
			    "Arguments do not match SQL parameters: value for "
			    "parameter %d not found",
			    i);
		if (hrana_bind(e->s->stmt, i, &arg->value) != SQLITE_OK) {
			e->fault = hrana_fault_of_step(e->mem, e->lite,
			    sqlite3_errcode(lite_db(e->lite)));
			return false;
		}
	}
	return true;
}

static void
start(struct hrana_exec *e)
{
	e->began = false;
	e->rows = 0;
	e->paused = 0;
	e->started = clock_mono_ns();
	e->changes = sqlite3_total_changes64(lite_db(e->lite));
}

static bool
is_single(struct hrana_exec *e, struct str sql)
{
	size_t n = lite_skip_blanks(sql).n - e->s->length;
	struct str rest = { sql.p + sql.n - n, n };

	if (!e->s->stmt)
		return fail(e, "SQL_NO_STATEMENT",
		    "SQL string does not contain any statement");
	return lite_skip_blanks(rest).n == 0 ||
	    fail(e, "SQL_MANY_STATEMENTS",
		"SQL string contains more than one statement");
}

static bool
has_one_kind_of_args(struct hrana_exec *e, const struct hrana_stmt *stmt)
{
	return !stmt->has_positions || !stmt->has_names ||
	    fail(e, "ARGS_BOTH_POSITIONAL_AND_NAMED",
		"Specifying both positional and named arguments is not "
		"supported");
}

bool
hrana_exec_check(struct hrana_exec *e, struct str sql,
    const struct hrana_stmt *stmt)
{
	enum lite_fault fault;
	bool good;

	if (!has_one_kind_of_args(e, stmt))
		return false;
	if (prepare(e, sql, LITE_CHECK, &fault))
		good = is_single(e, sql);
	else
		good = fault != LITE_SYNTAX && fault != LITE_NOT_ALLOWED;
	hrana_exec_end(e);
	return good;
}

bool
hrana_exec_prepare(struct hrana_exec *e, struct str sql,
    const struct hrana_stmt *stmt, struct buf *out)
{
	enum lite_fault fault;
	bool good = has_one_kind_of_args(e, stmt) &&
	    prepare(e, sql, LITE_RUN, &fault) && is_single(e, sql);

	if (good && !bind(e, stmt)) {
		good = false;
		/* The reader learns of the step before its error. */
		if (e->form == HRANA_AS_ENTRIES)
			write_head(e, out);
	}
	if (good)
		start(e);
	else
		hrana_exec_end(e);
	return good;
}

bool
hrana_exec_prepare_first(struct hrana_exec *e, struct str sql, size_t *length)
{
	enum lite_fault fault;

	if (!prepare(e, sql, LITE_RUN, &fault))
		return false;
	*length = sql.n - lite_skip_blanks(sql).n + e->s->length;
	start(e);
	return true;
}

void
hrana_exec_end(struct hrana_exec *e)
{
	static const struct lite_watch none;

	lite_release(e->lite, e->s);
	e->s = NULL;
	/* It would interrupt the next statement of ours. */
	lite_watch(e->lite, &none);
}

static void
write_row(struct hrana_exec *e, struct buf *out)
{
	int n = sqlite3_column_count(e->s->stmt);

	if (e->form == HRANA_AS_ENTRIES)
		buf_puts(out, "{\"type\":\"row\",\"row\":");
	else if (e->rows > 1)
		buf_putc(out, ',');
	buf_putc(out, '[');
	for (int i = 0; i < n; i++) {
		if (i)
			buf_putc(out, ',');
		hrana_write_column(out, e->s->stmt, i);
	}
	buf_puts(out, e->form == HRANA_AS_ENTRIES ? "]}\n" : "]");
}

static void
count_rows(struct hrana_exec *e)
{
	uint64_t scanned = (uint64_t)sqlite3_stmt_status(e->s->stmt,
	    SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);

	if (e->s->reads && scanned < e->rows)
		scanned = e->rows;
	e->rows_read = scanned;
	e->rows_written =
	    (uint64_t)(sqlite3_total_changes64(lite_db(e->lite)) - e->changes);
}

static void
write_tail(struct hrana_exec *e, struct buf *out)
{
	struct sqlite3 *db = lite_db(e->lite);
	long long changed = e->s->is_change ? sqlite3_changes64(db) : 0;
	long long rowid = sqlite3_last_insert_rowid(db);
	const char *quote = e->form == HRANA_AS_RESULT ? "\"" : "";

	if (e->form == HRANA_AS_NOTHING)
		return;
	buf_puts(out,
	    e->form == HRANA_AS_RESULT ? "]" : "{\"type\":\"step_end\"");
	buf_printf(out, ",\"affected_row_count\":%lld", changed);
	buf_puts(out, ",\"last_insert_rowid\":");
	if (e->s->is_insert)
		buf_printf(out, "%s%lld%s", quote, rowid, quote);
	else
		buf_puts(out, "null");
	if (e->form == HRANA_AS_ENTRIES) {
		buf_puts(out, "}\n");
		return;
	}
	buf_printf(out,
	    ",\"replication_index\":null,\"rows_read\":%llu,"
	    "\"rows_written\":%llu,\"query_duration_ms\":%.3f}",
	    (unsigned long long)e->rows_read,
	    (unsigned long long)e->rows_written,
	    (double)(clock_mono_ns() - e->started) / NS_PER_MS);
}

static enum hrana_progress
end_faulty(struct hrana_exec *e, struct buf *out)
{
	/* Entries that the reader has stay; a half-written one does not. */
	if (e->form != HRANA_AS_ENTRIES || out->failed)
		out->n = e->mark < out->n ? e->mark : out->n;
	out->failed = false;
	count_rows(e);
	hrana_exec_end(e);
	return HRANA_FAULTY;
}

/* A row was stepped to. */
static bool
take_row(struct hrana_exec *e, struct buf *out)
{
	if (!e->began)
		write_head(e, out);
	e->rows++;
	if (!e->want_rows || e->form == HRANA_AS_NOTHING)
		return true;
	if (e->form == HRANA_AS_ENTRIES)
		e->mark = out->n;
	write_row(e, out);
	if (out->failed || (e->most && out->n > e->most))
		return fail(e, "RESPONSE_TOO_LARGE", "Response is too large");
	return true;
}

/*
 * True: the statement may begin again when another stream has ended its
 * transaction. A transaction that read before that cannot write any more.
 */
static bool
is_blocked(const struct hrana_exec *e, int rc)
{
	return (rc & 0xFF) == SQLITE_BUSY && rc != SQLITE_BUSY_SNAPSHOT &&
	    !e->began;
}

/*
 * A kept statement may not fit a changed schema: SQLite says so at its first
 * step. A new one has the fault when it is prepared, with an offset; then the
 * result is false.
 */
static bool
find_fault(struct hrana_exec *e, int rc)
{
	struct lite_statement *kept = e->s;
	enum lite_fault fault;

	bool good;

	e->fault = hrana_fault_of_step(e->mem, e->lite, rc);
	if (e->began || (rc != SQLITE_ERROR && rc != SQLITE_SCHEMA))
		return true;
	good = prepare(e, e->sql, LITE_CHECK, &fault);
	if (good)
		hrana_exec_end(e);
	e->s = kept;
	return good;
}

enum hrana_progress
hrana_exec_step(struct hrana_exec *e, struct buf *out, int64_t statement_ns,
    bool may_wait)
{
	int64_t now = clock_mono_ns();
	int rc;

	/* Time in which it waited for its reader does not count. */
	e->watch.deadline_ns = e->paused
	    ? e->watch.deadline_ns + now - e->paused
	    : now + statement_ns;
	e->paused = 0;
	if (e->form == HRANA_AS_ENTRIES)
		e->mark = out->n;
	lite_watch(e->lite, &e->watch);
	while ((rc = sqlite3_step(e->s->stmt)) == SQLITE_ROW) {
		if (!take_row(e, out))
			return end_faulty(e, out);
		if (e->form == HRANA_AS_ENTRIES && out->n > HRANA_ENTRIES) {
			e->paused = clock_mono_ns();
			return HRANA_FULL;
		}
	}
	if (rc == SQLITE_DONE) {
		if (!e->began)
			write_head(e, out);
		count_rows(e);
		write_tail(e, out);
		if (out->failed) {
			(void)fail(e, "RESPONSE_TOO_LARGE",
			    "Response is too large");
			return end_faulty(e, out);
		}
		hrana_exec_end(e);
		return HRANA_RAN;
	}
	if (may_wait && is_blocked(e, rc)) {
		sqlite3_reset(e->s->stmt);
		return HRANA_BLOCKED;
	}
	if (find_fault(e, rc) && e->form == HRANA_AS_ENTRIES && !e->began)
		write_head(e, out);
	return end_faulty(e, out);
}

static void
write_parameters(struct buf *out, struct sqlite3_stmt *stmt)
{
	int n = sqlite3_bind_parameter_count(stmt);

	buf_putc(out, '[');
	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(stmt, i);

		buf_puts(out, i > 1 ? ",{\"name\":" : "{\"name\":");
		if (name)
			buf_json(out, str_of(name));
		else
			buf_puts(out, "null");
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

bool
hrana_exec_describe(struct hrana_exec *e, struct str sql, struct buf *out)
{
	struct sqlite3_stmt *stmt;
	enum lite_fault fault;

	if (!prepare(e, sql, LITE_DESCRIBE, &fault))
		return false;
	stmt = e->s->stmt;
	buf_puts(out, "{\"params\":");
	write_parameters(out, stmt);
	buf_puts(out, ",\"cols\":");
	write_columns(out, stmt);
	buf_printf(out, ",\"is_explain\":%s,\"is_readonly\":%s}",
	    sqlite3_stmt_isexplain(stmt) ? "true" : "false",
	    sqlite3_stmt_readonly(stmt) ? "true" : "false");
	hrana_exec_end(e);
	return true;
}
