/*
 * A turn: the database learns how attempts ended, and gives more items.
 *
 * While the database is away nothing is claimed; what has ended is reported when
 * it answers again. The leases of items that ended may be over by then, so that
 * they run again, as a retry.
 */
#include "fcgi/work/runner_impl.h"

#include "fcgi/db/door.h"
#include "lib/os/clock.h"
#include "lib/shm/scoreboard.h"
#include "stmts/work.h"

#define RUNNER_LOOK_NS NS_PER_S
/* However often it is woken, it looks for due items after this time only. */
#define TIDY_NS      (20 * NS_PER_MS)
#define PAUSE_MIN_NS (100 * NS_PER_MS)
#define PAUSE_MAX_NS (2 * NS_PER_S)
/* For what an item here takes beyond its time limit. */
#define HERE_MORE_NS (6 * NS_PER_S)

/* The endings, and what this runner wants, as arrays of the statement. */
struct question {
	int64_t ids[RUNNER_ENDINGS], pauses[RUNNER_ENDINGS];
	int32_t attempts[RUNNER_ENDINGS];
	struct str outcomes[RUNNER_ENDINGS], errors[RUNNER_ENDINGS];
	struct str kinds[WORK_KINDS];
	bool aparts[WORK_KINDS];
	int64_t leases[WORK_KINDS];
	int32_t alls[WORK_KINDS], users[WORK_KINDS];
	struct uuid cursors[WORK_KINDS];
	int32_t simples, processes;
	bool tidy;
};

static void
add_endings(struct question *q, const struct runner *r)
{
	for (size_t i = 0; i < r->endings_n; i++) {
		const struct ending *ending = &r->endings[i];

		q->ids[i] = ending->id;
		q->attempts[i] = ending->attempt;
		q->outcomes[i] = str_of(ending->outcome);
		q->pauses[i] = ending->pause_us;
		q->errors[i] = str_of(ending->why);
	}
}

/* The number of the kind at a place of the question, where kinds take turns. */
static size_t
kind_of_place(const struct runner *r, size_t place)
{
	return (r->first_kind + place) % kinds_count;
}

static void
add_kinds(struct question *q, const struct runner *r)
{
	for (size_t i = 0; i < kinds_count; i++) {
		size_t number = kind_of_place(r, i);
		const struct work_kind *kind = kind_at(number);

		q->kinds[i] = str_of(kind->name);
		q->aparts[i] = kind->apart;
		q->leases[i] =
		    (r->opts->lease +
			(kind->apart ? 0 : kind->timeout_ns + HERE_MORE_NS)) /
		    NS_PER_US;
		q->alls[i] = kind->in_all;
		q->users[i] = kind->per_user;
		q->cursors[i] = r->cursors[number];
	}
}

static void
add_wishes(struct question *q, const struct runner *r)
{
	int64_t now = clock_mono_ns();

	if (r->is_draining)
		return;
	q->simples = (int32_t)r->wish;
	q->processes = (int32_t)(r->opts->processes - r->apart_n);
	q->tidy = now >= r->next_ns || now >= r->look_ns ||
	    (r->is_woken && now >= r->tidied_ns + TIDY_NS);
}

static enum err
ask(struct db_tx *tx, const struct runner *r, const struct question *q,
    struct work_take_turn_row **rows, size_t *n)
{
	size_t e = r->endings_n, k = kinds_count;

	return work_take_turn(tx, str_of(r->name), (struct array){ q->ids, e },
	    (struct array){ q->attempts, e }, (struct array){ q->outcomes, e },
	    (struct array){ q->pauses, e }, (struct array){ q->errors, e },
	    (struct array){ q->kinds, k }, (struct array){ q->aparts, k },
	    (struct array){ q->leases, k }, (struct array){ q->alls, k },
	    (struct array){ q->users, k }, (struct array){ q->cursors, k },
	    q->simples, q->processes, q->tidy, rows, n);
}

static void
take_item(struct runner *r, const struct work_take_turn_row *row,
    const struct work_kind *kind)
{
	struct work work = {
		.service = r->service,
		.mem = r->item_mem,
		.kind = kind,
		.id = row->id.v,
		.user = row->user_id.v,
		.is_test = str_eq(row->mode, STR("test")),
		.args = row->args,
		.due_us = clock_wall_us() - row->late_us.v,
		.attempt = row->attempt.v,
		.is_last = row->attempt.v >= row->attempts_max.v,
		.error = row->error,
	};

	if (row->attempt.v > row->attempts_max.v)
		runner_bury(r, &work);
	else if (kind->apart)
		runner_start(r, &work);
	else
		r->batch[r->batch_n++] = work;
}

static void
be_due(struct runner *r, int64_t at_ns)
{
	if (at_ns < r->next_ns)
		r->next_ns = at_ns;
}

static void
take_rows(struct runner *r, const struct question *q,
    const struct work_take_turn_row *rows, size_t n)
{
	int32_t simples = 0, processes = 0;

	for (size_t i = 0; i < n; i++) {
		size_t number;

		if (!rows[i].kind_no.is) {
			if (rows[i].next_us.is)
				be_due(r,
				    clock_mono_ns() +
					rows[i].next_us.v * NS_PER_US);
			continue;
		}
		number = kind_of_place(r, (size_t)rows[i].kind_no.v - 1);
		if (!rows[i].id.is) {
			r->cursors[number] = rows[i].user_id.v;
			continue;
		}
		*(kind_at(number)->apart ? &processes : &simples) += 1;
		take_item(r, &rows[i], kind_at(number));
	}
	r->is_full = (simples && simples == q->simples) ||
	    (processes && processes == q->processes);
}

static void
note_away(struct runner *r, const struct db_tx *tx, enum err e)
{
	chore_log(&r->trouble, e, db_trouble(tx));
	r->pause_ns *= 2;
	if (r->pause_ns < PAUSE_MIN_NS)
		r->pause_ns = PAUSE_MIN_NS;
	if (r->pause_ns > PAUSE_MAX_NS)
		r->pause_ns = PAUSE_MAX_NS;
	r->retry_ns = clock_mono_ns() + r->pause_ns;
}

static void
note_back(struct runner *r)
{
	chore_log(&r->trouble, OK, "");
	r->retry_ns = r->pause_ns = 0;
}

/* Items that wait may have been added, by others and by the endings. */
static void
note_look(struct runner *r, const struct question *q, int64_t asked_ns)
{
	if (q->tidy) {
		r->tidied_ns = asked_ns;
		r->look_ns = asked_ns + RUNNER_LOOK_NS;
		r->service->scoreboard->head->work_look_ns = r->look_ns;
		r->next_ns = INT64_MAX;
	} else if (r->is_woken) {
		be_due(r, r->tidied_ns + TIDY_NS);
	}
	r->is_woken = false;
	for (size_t i = 0; i < r->endings_n; i++)
		if (q->pauses[i] && q->pauses[i] < RUNNER_LOOK_NS / NS_PER_US)
			be_due(r, clock_mono_ns() + q->pauses[i] * NS_PER_US);
}

/* Leases taken later end later. */
static void
hold_leases(struct runner *r, int64_t since_ns)
{
	r->lease_ns = since_ns + r->opts->lease;
	r->renew_ns = since_ns + r->opts->lease / 4;
}

bool
runner_turn(struct runner *r)
{
	struct question *q;
	struct work_take_turn_row *rows = NULL;
	struct db_tx *tx;
	int64_t asked_ns;
	size_t n = 0;
	enum err e;

	arena_reset(r->turn_mem);
	q = arena_alloc(r->turn_mem, sizeof(*q));
	tx = db_open(r->service->db, r->turn_mem, MODE_LIVE);
	if (!q)
		return false;
	add_endings(q, r);
	add_kinds(q, r);
	add_wishes(q, r);
	asked_ns = clock_mono_ns();
	e = ask(tx, r, q, &rows, &n);
	if (e != OK) {
		note_away(r, tx, e);
		return false;
	}
	note_back(r);
	note_look(r, q, asked_ns);
	r->endings_n = 0;
	if (r->apart_n == 0)
		hold_leases(r, asked_ns);
	take_rows(r, q, rows, n);
	if (kinds_count)
		r->first_kind = (r->first_kind + 1) % kinds_count;
	return true;
}

static bool
is_among(int64_t id, const struct work_renew_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].id == id)
			return true;
	return false;
}

bool
runner_renew(struct runner *r)
{
	int64_t ids[RUNNER_PROCESSES], now_ns = clock_mono_ns();
	struct work_renew_row *rows = NULL;
	struct db_tx *tx;
	size_t n = 0, kept = 0;
	enum err e;

	arena_reset(r->item_mem);
	tx = db_open(r->service->db, r->item_mem, MODE_LIVE);
	for (size_t i = 0; i < r->opts->processes; i++)
		if (r->apart[i].pid)
			ids[n++] = r->apart[i].work.id;
	e = work_renew(tx, str_of(r->name), (struct array){ ids, n },
	    r->opts->lease / NS_PER_US, &rows, &kept);
	if (e != OK) {
		note_away(r, tx, e);
		return false;
	}
	note_back(r);
	hold_leases(r, now_ns);
	for (size_t i = 0; i < r->opts->processes; i++)
		if (r->apart[i].pid &&
		    !is_among(r->apart[i].work.id, rows, kept))
			runner_kill(&r->apart[i], KILL_LOST);
	return true;
}
