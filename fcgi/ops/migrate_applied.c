/*
 * The record of applied migrations, and the migrators' lock.
 *
 * io7_live keeps a row for each applied migration. io7_test is emptied and
 * migrated again whenever an operator likes, so it keeps the newest row only:
 * all migrations with lower numbers were applied.
 */
#include "fcgi/ops/migrate.h"

#include "fcgi/options.h"
#include "stmts/ops.h"
const char *
migration_state_name(enum migration_state state)
{
	static const char *const names[] = {
		[MIGRATION_NONE] = "-",
		[MIGRATION_PENDING] = "pending",
		[MIGRATION_APPLIED] = "applied",
		[MIGRATION_CHANGED] = "changed",
		[MIGRATION_SKIPPED] = "skipped",
	};

	return names[state];
}

static const struct migration_list_row *
row_of(const struct applied *applied, int number)
{
	for (size_t i = 0; i < applied->n; i++)
		if (applied->rows[i].number == number)
			return &applied->rows[i];
	return NULL;
}

static bool
is_same(const struct migration *m, const struct migration_list_row *row)
{
	return str_eq(row->file, str_of(m->name)) &&
	    str_eq(row->checksum, m->checksum);
}

enum migration_state
migration_state(const struct migration *m, const struct applied *applied,
    enum mode mode)
{
	const struct migration_list_row *row = row_of(applied, m->number);

	if (!migration_is_for(m, mode))
		return MIGRATION_NONE;
	if (row)
		return is_same(m, row) ? MIGRATION_APPLIED : MIGRATION_CHANGED;
	if (m->number > applied->reached)
		return MIGRATION_PENDING;
	return mode == MODE_TEST ? MIGRATION_APPLIED : MIGRATION_SKIPPED;
}

const struct migration_list_row *
applied_unknown(const struct applied *applied, const struct migrations *files)
{
	for (size_t i = 0; i < applied->n; i++)
		if (applied->rows[i].number > (int)files->n)
			return &applied->rows[i];
	return NULL;
}

void
applied_read(const struct ops_db *a, enum mode mode, struct applied *applied)
{
	struct db_tx *tx = a->base[mode];
	struct migration_table_find_row *table;
	struct migration_list_row *rows = NULL;

	*applied = (struct applied){ 0 };
	ops_db_must(a, mode, migration_table_find(tx, &table),
	    "the record of migrations");
	if (!table->is_there)
		return;
	ops_db_must(a, mode, migration_list(tx, &rows, &applied->n),
	    "the record of migrations");
	applied->rows = rows;
	if (applied->n)
		applied->reached = rows[applied->n - 1].number;
}

static void
read_applied(struct migrate *m)
{
	for (enum mode mode = MODE_LIVE; mode < MODE_COUNT; mode++)
		applied_read(&m->access, mode, &m->applied[mode]);
}

void
migrate_open(struct migrate *m, const struct options *opts)
{
	ops_db_open(&m->access, opts, "io7_owner", "io7 migrate");
	if (!migrations_read(m->access.mem, opts->sql_dir, &m->files))
		exit(EXIT_FAILURE);
	read_applied(m);
}

void
migrate_close(struct migrate *m)
{
	ops_db_close(&m->access);
}

struct locked_work {
	struct migrate *migrate;
	int (*work)(struct migrate *, void *);
	void *context;
	int code;
};

/*
 * A transaction in the live database holds the lock and does nothing else: so
 * the lock works through a connection pooler, and ends with this process.
 */
static enum err
work_locked(struct db_tx *tx, void *context)
{
	struct locked_work *locked = context;
	struct migration_lock_row *row;
	enum err e = migration_lock(tx, &row);

	if (e != OK)
		return e;
	read_applied(locked->migrate);
	locked->code = locked->work(locked->migrate, locked->context);
	return OK;
}

int
migrate_alone(struct migrate *m, int (*work)(struct migrate *, void *),
    void *context)
{
	struct locked_work locked = { m, work, context, EXIT_FAILURE };
	struct ops_db guard;

	ops_db_open(&guard, m->access.opts, "io7_owner", "io7 migrate lock");
	ops_db_must(&guard, MODE_LIVE,
	    db_transact(guard.base[MODE_LIVE], 1, work_locked, &locked),
	    "the migrators' lock");
	ops_db_close(&guard);
	return locked.code;
}
