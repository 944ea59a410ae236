/*
 * A run and its item are added in one transaction, so that neither exists
 * without the other.
 */
#include "fcgi/cron/run_queue.h"

#include "fcgi/cron/due.h"
#include "fcgi/cron/kinds.h"
#include "fcgi/work/work.h"
#include "lib/base/columns.h"
#include "stmts/cron.h"

enum { WAITING_PAGE = 100 };

/* --- Items ----------------------------------------------------------------- */

struct item {
	struct uuid run, user;
	struct str mode;
	int32_t attempts;
};

static enum err
add_item(struct db_tx *tx, const struct item *item, int64_t *work_id)
{
	char id[UUID_TEXT], args[sizeof("{\"run\":\"\"}") + UUID_TEXT];

	uuid_text(item->run, id);
	snprintf(args, sizeof(args), "{\"run\":\"%s\"}", id);
	return work_add(tx,
	    &(struct work_order){
		.kind = &cron_kinds[CRON_RUN],
		.user = item->user,
		.mode = mode_named(item->mode),
		.args = str_of(args),
		.attempts = item->attempts,
	    },
	    work_id);
}

static enum err
add_items(struct db_tx *tx, struct arena *mem, const struct item *items,
    size_t n)
{
	struct uuid *runs = arena_alloc(mem, (n + 1) * sizeof(*runs));
	int64_t *works = arena_alloc(mem, (n + 1) * sizeof(*works));
	enum err e = OK;

	if (!runs || !works)
		return E_TOO_LARGE;
	for (size_t i = 0; i < n && e == OK; i++) {
		runs[i] = items[i].run;
		e = add_item(tx, &items[i], &works[i]);
	}
	return e == OK && n ? runs_queued(tx, (struct array){ runs, n },
				  (struct array){ works, n }, NULL)
			    : e;
}

/* --- New runs -------------------------------------------------------------- */

/* The arrays that runs_add takes. */
struct rows {
	struct columns columns;
	struct uuid *users;
	struct str *modes, *job_ids, *names, *statuses, *triggers, *errors;
	int64_t *due_ats, *missed;
	int32_t *attempts;
	bool *waits;
};

static bool
make_rows(struct rows *rows, struct arena *mem, size_t n)
{
	struct columns *c = &rows->columns;

	*c = (struct columns){ .mem = mem, .n = n };
	rows->users = columns_add(c, sizeof(*rows->users));
	rows->modes = columns_add(c, sizeof(*rows->modes));
	rows->job_ids = columns_add(c, sizeof(*rows->job_ids));
	rows->names = columns_add(c, sizeof(*rows->names));
	rows->statuses = columns_add(c, sizeof(*rows->statuses));
	rows->triggers = columns_add(c, sizeof(*rows->triggers));
	rows->errors = columns_add(c, sizeof(*rows->errors));
	rows->due_ats = columns_add(c, sizeof(*rows->due_ats));
	rows->missed = columns_add(c, sizeof(*rows->missed));
	rows->attempts = columns_add(c, sizeof(*rows->attempts));
	rows->waits = columns_add(c, sizeof(*rows->waits));
	return !c->failed;
}

static void
fill_row(struct rows *rows, size_t at, const struct new_run *run)
{
	const struct decision *d = &run->decision;

	rows->users[at] = run->user;
	rows->modes[at] = run->mode;
	rows->job_ids[at] = run->job_id;
	rows->names[at] = run->job_name;
	rows->statuses[at] = str_of(cron_statuses[d->status]);
	rows->triggers[at] = str_of(cron_triggers[d->trigger]);
	rows->errors[at] = d->error ? str_of(d->error) : STR("");
	rows->due_ats[at] = d->due_us;
	rows->missed[at] = d->missed;
	rows->attempts[at] = run->attempts;
	rows->waits[at] = d->waits;
}

static enum err
add_rows(struct db_tx *tx, struct arena *mem, const struct new_run *runs,
    size_t n, int64_t now_us, struct runs_add_row **added, size_t *added_n)
{
	struct rows rows;
	enum err e;

	if (!make_rows(&rows, mem, n))
		return E_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		fill_row(&rows, i, &runs[i]);

#define COLUMN(name) columns_array(&rows.columns, rows.name)
	e = runs_add(tx, COLUMN(users), COLUMN(modes), COLUMN(job_ids),
	    COLUMN(names), COLUMN(statuses), COLUMN(triggers), COLUMN(due_ats),
	    COLUMN(attempts), COLUMN(errors), COLUMN(missed), COLUMN(waits),
	    now_us, added, added_n);
	if (e == OK)
		e = runs_trim(tx, COLUMN(users), COLUMN(modes), COLUMN(job_ids),
		    RUNS_KEPT, NULL);
#undef COLUMN
	return e;
}

enum err
run_add_all(struct db_tx *tx, struct arena *mem, const struct new_run *runs,
    size_t n, int64_t now_us, struct queued_run *first)
{
	struct runs_add_row *added = NULL;
	struct item *items;
	size_t added_n = 0, items_n = 0;
	enum err e = add_rows(tx, mem, runs, n, now_us, &added, &added_n);

	if (e != OK)
		return e;
	if (first)
		first->id = added_n ? added[0].run_id : (struct uuid){ 0 };
	items = arena_alloc(mem, (added_n + 1) * sizeof(*items));
	if (!items)
		return E_TOO_LARGE;
	for (size_t i = 0; i < added_n; i++)
		if (!added[i].waits)
			items[items_n++] =
			    (struct item){ added[i].run_id, added[i].user_id,
				    added[i].mode, added[i].attempts };
	return add_items(tx, mem, items, items_n);
}

/* --- Runs that waited ------------------------------------------------------ */

enum err
run_add_waiting(struct db_tx *tx, struct arena *mem, const struct run_job *job,
    size_t *n)
{
	struct run_next_row *rows = NULL;
	struct item *items;
	enum err e = run_next(tx,
	    job ? (struct opt_uuid){ true, job->user } : (struct opt_uuid){ 0 },
	    job ? job->mode : (struct str){ 0 },
	    job ? job->id : (struct str){ 0 }, WAITING_PAGE, &rows, n);

	if (e != OK)
		return e;
	items = arena_alloc(mem, (*n + 1) * sizeof(*items));
	if (!items)
		return E_TOO_LARGE;
	for (size_t i = 0; i < *n; i++)
		items[i] = (struct item){ rows[i].run_id, rows[i].user_id,
			rows[i].mode, rows[i].attempts };
	return add_items(tx, mem, items, *n);
}
