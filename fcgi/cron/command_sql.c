/*
 * sql STATEMENT: several statements are one transaction, so that an attempt
 * that fails leaves nothing behind, unless the SQL begins one itself. Each
 * result is printed as JSON: the names of the columns, then a line for each row.
 */
#include "fcgi/cron/command_impl.h"

#include "fcgi/cron/sql.h"
#include "fcgi/userdb/ask.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

/* How long a run waits for a runner of the host that has the database. */
#define ELSEWHERE_US (600 * US_PER_S)

/* --- The results ---------------------------------------------------------- */

static void
write_cell(struct arena *mem, struct buf *b, struct str cell)
{
	struct str type = userdb_member(mem, cell, "type");
	struct str value = userdb_member(mem, cell, "value");

	if (str_eq(type, STR("\"blob\""))) {
		buf_puts(b, "{\"base64\":");
		buf_str(b, userdb_member(mem, cell, "base64"));
		buf_putc(b, '}');
	} else if (str_eq(type, STR("\"integer\"")) && value.n > 2) {
		/* As text it keeps all 64 bits. */
		buf_add(b, value.p + 1, value.n - 2);
	} else {
		buf_str(b, value.n ? value : STR("null"));
	}
}

static void
print_names(struct cron_run *run, struct userdb_rows *rows)
{
	struct json_item column;
	struct json_walk walk;
	struct buf b;

	buf_init(&b, rows->mem);
	json_walk(&walk, rows->mem, rows->columns);
	while (json_next(&walk, &column)) {
		struct str name =
		    userdb_member(rows->mem, column.value, "name");

		buf_putc(&b, b.n ? ',' : '[');
		buf_str(&b, name.n ? name : STR("null"));
	}
	buf_puts(&b, "]\n");
	cron_print(run, buf_view(&b));
}

static void
print_row(struct cron_run *run, struct arena *mem, struct str row)
{
	struct json_item cell;
	struct json_walk walk;
	struct buf b;

	buf_init(&b, mem);
	json_walk(&walk, mem, row);
	while (json_next(&walk, &cell)) {
		buf_putc(&b, b.n ? ',' : '[');
		write_cell(mem, &b, cell.value);
	}
	buf_puts(&b, "]\n");
	cron_print(run, buf_view(&b));
}

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_result(struct cron_run *run, struct userdb_rows *rows)
{
	struct json_item row;
	int64_t n = 0;

	if (str_eq(rows->columns, STR("[]"))) {
		cron_printf(run, "%lld row%s changed\n",
		    (long long)rows->changed, plural(rows->changed));
		return;
	}
	print_names(run, rows);
	for (; json_next(&rows->walk, &row); n++)
		if (!run->out->is_cut)
			print_row(run, rows->mem, row.value);
	cron_printf(run, "%lld row%s\n", (long long)n, plural(n));
}

static enum work_outcome
print_results(struct cron_run *run, struct userdb_ask *ask)
{
	struct userdb_rows rows;

	for (size_t i = 0; i < ask->n; i++) {
		if (userdb_rows(ask, i, &rows) != OK)
			return cron_fail(run, WORK_FAILED, ask->why);
		if (i)
			cron_print(run, STR("\n"));
		print_result(run, &rows);
	}
	return WORK_DONE;
}

/* --- The run -------------------------------------------------------------- */

static void
add_statements(struct userdb_ask *ask, struct str sql)
{
	struct str rest = sql, statement;
	size_t n = 0;

	while (cron_sql_next(&rest, &statement))
		n++;
	rest = sql;
	while (cron_sql_next(&rest, &statement)) {
		if (!ask->n)
			ask->no_transaction = n == 1 ||
			    cron_sql_is(statement, "BEGIN") ||
			    cron_sql_is(statement, "SAVEPOINT");
		userdb_ask_sql(ask, statement);
	}
}

static enum work_outcome
fail_statement(struct cron_run *run, const struct userdb_ask *ask, enum err e)
{
	const char *why = ask->why;

	if (ask->code && ask->n > 1 && ask->at < ask->n)
		why = text_printf(run->work->mem, CRON_NO_MEMORY,
		    "Statement %zu: %s", ask->at + 1, why);
	/* A wrong statement stays wrong, and a result too large; it may have run. */
	return cron_fail(run,
	    e == E_BAD_REQUEST || e == E_TOO_LARGE ? WORK_REFUSED : WORK_FAILED,
	    why);
}

static void
note_size(struct cron_run *run, const struct userdb *db, uint64_t was)
{
	const char *why = "";

	if (db->size != was &&
	    userdb_note(run->work->service, run->work->mem, db, &why) != OK)
		log_event(LOG_WARN, "size_not_noted", "%s: %s", db->name, why);
}

/* Before the statements: the process may die after them. */
static enum err
note_jobs(struct cron_run *run, const struct userdb *db)
{
	const char *why = "";
	enum err e = OK;

	if (userdb_names_jobs(run->command->sql))
		e = userdb_note_jobs(run->work->service, run->work->mem, db,
		    &why);
	if (e != OK)
		log_event(LOG_WARN, "jobs_not_noted", "%s: %s", db->name, why);
	return e;
}

static enum work_outcome
ask_database(struct cron_run *run, struct userdb *db)
{
	struct userdb_ask ask = {
		.service = run->work->service,
		.mem = run->work->mem,
		.db = db,
		.may_write = true,
		.size_max = userdb_size_max(db, run->who->storage_bytes),
		.deadline_ns = cron_deadline_ns(run),
	};
	uint64_t was = db->size;
	enum err e = note_jobs(run, db);

	if (e != OK)
		return cron_fail(run, WORK_FAILED,
		    "The database is not available; try again shortly.");
	add_statements(&ask, run->command->sql);
	e = userdb_ask_run(&ask);
	note_size(run, db, was);
	return e == OK ? print_results(run, &ask)
		       : fail_statement(run, &ask, e);
}

/* A runner of another host may take the run. */
static enum work_outcome
pass_on(struct cron_run *run, const char *why)
{
	struct work *work = run->work;

	if (clock_wall_us() - work->due_us > ELSEWHERE_US)
		return cron_fail(run, WORK_FAILED, why);
	work->pause_us = US_PER_S;
	return cron_fail(run, WORK_LATER, why);
}

enum work_outcome
cron_run_sql(struct cron_run *run)
{
	const struct cron_caller *who = run->who;
	const char *why = "";
	struct userdb db;
	enum err e = userdb_open(run->work->service, run->work->mem,
	    who->tenant.user, who->mode, &db, &why);

	if (e == OK)
		return ask_database(run, &db);
	return e == E_MISDIRECTED ? pass_on(run, why)
				  : cron_fail(run, WORK_FAILED, why);
}
