/*
 * How far a database has been brought.
 *
 * io7_live keeps a row for each migration it has seen. io7_test has no history
 * worth keeping, for it is wiped and made again as one pleases: there only the
 * newest row stays, as the number that was reached, and what stands below it
 * was applied.
 */
#include "fcgi/ops/migrate.h"

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
row_of(const struct applied *g, int number)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->rows[i].number == number)
			return &g->rows[i];
	return NULL;
}

static bool
is_same(const struct migration *m, const struct migration_list_row *row)
{
	return str_eq(row->file, str_of(m->name)) &&
	    str_eq(row->checksum, m->checksum);
}

enum migration_state
migration_state(const struct migration *m, const struct applied *g,
    enum mode mode)
{
	const struct migration_list_row *row = row_of(g, m->number);

	if (!migration_is_for(m, mode))
		return MIGRATION_NONE;
	if (row)
		return is_same(m, row) ? MIGRATION_APPLIED : MIGRATION_CHANGED;
	if (m->number > g->reached)
		return MIGRATION_PENDING;
	return mode == MODE_TEST ? MIGRATION_APPLIED : MIGRATION_SKIPPED;
}

const struct migration_list_row *
applied_unknown(const struct applied *g, const struct migrations *files)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->rows[i].number > (int)files->n)
			return &g->rows[i];
	return NULL;
}

void
applied_read(const struct ops_db *a, enum mode mode, struct applied *g)
{
	struct db_tx *tx = a->base[mode];
	struct migration_ground_row *applied;
	struct migration_list_row *rows = NULL;

	*g = (struct applied){ 0 };
	ops_db_must(a, mode, migration_ground(tx, &applied), "its migrations");
	if (!applied->is_there)
		return;
	ops_db_must(a, mode, migration_list(tx, &rows, &g->n),
	    "its migrations");
	g->rows = rows;
	if (g->n)
		g->reached = rows[g->n - 1].number;
}

static void
read_grounds(struct migrate *m)
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
	read_grounds(m);
}

void
migrate_close(struct migrate *m)
{
	ops_db_close(&m->access);
}

struct alone {
	struct migrate *migrate;
	int (*work)(struct migrate *, void *);
	void *context;
	int code;
};

/*
 * The lock belongs to a transaction in the live database that does nothing
 * else: so it holds through a pooler too, and whatever ends us ends it.
 */
static enum err
work_locked(struct db_tx *tx, void *context)
{
	struct alone *alone = context;
	struct migration_lock_row *row;
	enum err e = migration_lock(tx, &row);

	if (e != OK)
		return e;
	read_grounds(alone->migrate);
	alone->code = alone->work(alone->migrate, alone->context);
	return OK;
}

int
migrate_alone(struct migrate *m, int (*work)(struct migrate *, void *),
    void *context)
{
	struct alone alone = { m, work, context, EXIT_FAILURE };
	struct ops_db guard;

	ops_db_open(&guard, m->access.opts, "io7_owner", "io7 migrate lock");
	ops_db_must(&guard, MODE_LIVE,
	    db_transact(guard.base[MODE_LIVE], 1, work_locked, &alone),
	    "the migrators' lock");
	ops_db_close(&guard);
	return alone.code;
}
