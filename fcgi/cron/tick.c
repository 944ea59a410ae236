/*
 * Every second, decides the jobs that are due: in one transaction for some jobs,
 * the runs are added, with their items of the queue, and the jobs advanced. So a
 * process that dies leaves them due, for another one.
 */
#include "fcgi/chore.h"
#include "fcgi/cron/due.h"
#include "fcgi/cron/handlers.h"
#include "fcgi/cron/options.h"
#include "fcgi/cron/run_queue.h"
#include "fcgi/work/work.h"
#include "lib/os/clock.h"
#include "lib/shm/scoreboard.h"
#include "stmts/cron.h"

enum { JOBS_AT_ONCE = 50, TRIES = 3 };

/* A job whose time zone cannot be read is not in the way of others meanwhile. */
#define ZONES_AGAIN_US (60 * US_PER_S)

/* The runner also has items to run: the rest waits for the next second. */
#define TICK_NS (500 * NS_PER_MS)

struct tick {
	const struct service *service;
	struct arena *mem;
	int64_t now_us, tolerance_us;
	/* Of the transaction. */
	size_t jobs, runs;
	uint64_t times[TIME_COUNT];
};

/* The decisions of some jobs. */
struct decided {
	struct new_run *runs;
	size_t runs_n, runs_max;
	struct uuid users[JOBS_AT_ONCE];
	struct str modes[JOBS_AT_ONCE], ids[JOBS_AT_ONCE];
	int64_t decided[JOBS_AT_ONCE], next[JOBS_AT_ONCE];
	size_t n;
};

/* --- One job --------------------------------------------------------------- */

/* The index has checked all of it, but the rules of zones change. */
static enum err
read_row(const struct tick *t, const struct due_take_row *row,
    struct job_rule *rule, struct job_problem *problem)
{
	int overlap = cron_word(cron_overlaps, row->overlap);
	int catch_up = cron_word(cron_catch_ups, row->catch_up);

	rule->overlap = (enum cron_overlap)overlap;
	rule->catch_up = (enum cron_catch_up)catch_up;
	rule->is_heartbeat = row->grace_s.is;
	rule->grace_us = row->grace_s.v * US_PER_S;
	return job_check_times(t->mem, row->schedule, row->timezone, rule,
	    problem);
}

static bool
add_decisions(struct arena *mem, struct decided *d,
    const struct due_take_row *row, const struct decisions *made)
{
	if (d->runs_n + made->n > d->runs_max) {
		size_t max = 2 * (d->runs_n + made->n);
		struct new_run *more = arena_alloc(mem, max * sizeof(*more));

		if (!more)
			return false;
		if (d->runs_n)
			memcpy(more, d->runs, d->runs_n * sizeof(*more));
		d->runs = more;
		d->runs_max = max;
	}
	for (size_t i = 0; i < made->n; i++)
		d->runs[d->runs_n++] = (struct new_run){
			.user = row->user_id,
			.mode = row->mode,
			.job_id = row->job_id,
			.job_name = row->name,
			.attempts = made->rows[i].status == RUN_QUEUED
			    ? 1 + row->retries
			    : 0,
			.decision = made->rows[i],
		};
	return true;
}

static void
advance(struct decided *d, const struct due_take_row *row, int64_t decided_us,
    int64_t next_us)
{
	d->users[d->n] = row->user_id;
	d->modes[d->n] = row->mode;
	d->ids[d->n] = row->job_id;
	d->decided[d->n] = decided_us;
	d->next[d->n++] = next_us;
}

static enum err
decide_job(struct tick *t, struct db_tx *tx, const struct due_take_row *row,
    const struct runs_active_row *runs, struct decided *d)
{
	struct job_problem problem = { 0 };
	struct decide_job job;
	struct job_rule rule;
	struct decisions made;
	enum err e = read_row(t, row, &rule, &problem);

	if (e == E_BAD_REQUEST)
		return due_refuse(tx, row->user_id, row->mode, row->job_id,
		    str_of(problem.sentence), NULL);
	if (e != OK && e != E_UNAVAILABLE)
		return e;
	if (e == E_UNAVAILABLE) {
		advance(d, row, row->decided_at, t->now_us + ZONES_AGAIN_US);
		return OK;
	}
	job = job_to_decide(&rule);
	job.decided_us = row->decided_at;
	job.beat_us = row->beat_at;
	job.heard_us = row->heard_at;
	job.active = runs->active;
	job.is_suspended = row->is_suspended;
	decide(&job, t->now_us, t->tolerance_us, &made);
	if (!add_decisions(t->mem, d, row, &made))
		return E_TOO_LARGE;
	advance(d, row, made.decided_us, made.next_us.is ? made.next_us.v : 0);
	return OK;
}

/* For metrics; a row may stand for several times. */
static void
count_times(struct tick *t, const struct decided *d)
{
	memset(t->times, 0, sizeof(t->times));
	for (size_t i = 0; i < d->runs_n; i++) {
		const struct decision *made = &d->runs[i].decision;

		if (made->status == RUN_MISSED)
			t->times[TIME_MISSED] += (uint64_t)made->missed;
		else if (made->status == RUN_SKIPPED)
			t->times[TIME_SKIPPED]++;
		else if (made->trigger == TRIGGER_CATCH_UP)
			t->times[TIME_LATE]++;
		else
			t->times[TIME_QUEUED]++;
	}
}

static void
publish_times(const struct tick *t)
{
	struct scoreboard_head *head = t->service->scoreboard->head;

	for (size_t i = 0; i < TIME_COUNT; i++)
		atomic_fetch_add_explicit(&head->times[i], t->times[i],
		    memory_order_relaxed);
}

/* --- Some jobs ------------------------------------------------------------- */

static enum err
record(struct tick *t, struct db_tx *tx, const struct decided *d)
{
	enum err e = OK;

	if (d->runs_n)
		e = run_add_all(tx, t->mem, d->runs, d->runs_n, t->now_us,
		    NULL);
	if (e == OK && d->n)
		e = due_advance(tx, (struct array){ d->users, d->n },
		    (struct array){ d->modes, d->n },
		    (struct array){ d->ids, d->n },
		    (struct array){ d->decided, d->n },
		    (struct array){ d->next, d->n }, NULL);
	t->runs = d->runs_n;
	count_times(t, d);
	return e;
}

static enum err
count_runs(struct tick *t, struct db_tx *tx, const struct due_take_row *rows,
    struct runs_active_row **runs)
{
	struct uuid users[JOBS_AT_ONCE];
	struct str modes[JOBS_AT_ONCE], ids[JOBS_AT_ONCE];
	size_t n = t->jobs, counted = 0;

	for (size_t i = 0; i < n; i++) {
		users[i] = rows[i].user_id;
		modes[i] = rows[i].mode;
		ids[i] = rows[i].job_id;
	}
	return n ? runs_active(tx, (struct array){ users, n },
		       (struct array){ modes, n }, (struct array){ ids, n },
		       runs, &counted)
		 : OK;
}

static enum err
decide_some(struct db_tx *tx, void *context)
{
	struct tick *t = context;
	struct decided *d = arena_alloc(t->mem, sizeof(*d));
	struct due_take_row *rows = NULL;
	struct runs_active_row *runs = NULL;
	enum err e = d ? OK : E_TOO_LARGE;

	if (e == OK)
		e = due_take(tx, t->now_us, t->now_us + DECIDE_BACK_US,
		    JOBS_AT_ONCE, &rows, &t->jobs);
	if (e == OK)
		e = count_runs(t, tx, rows, &runs);
	for (size_t i = 0; e == OK && i < t->jobs; i++)
		e = decide_job(t, tx, &rows[i], &runs[i], d);
	return e == OK ? record(t, tx, d) : e;
}

/* For a run that ended while another one was told to wait for it. */
static enum err
add_waiting(struct db_tx *tx, void *context)
{
	struct tick *t = context;

	return run_add_waiting(tx, t->mem, NULL, &t->runs);
}

static enum err
transact(struct tick *t, struct db_tx *tx,
    enum err (*run)(struct db_tx *, void *))
{
	enum err e = db_transact(tx, TRIES, run, t);

	if (e == OK && t->runs)
		work_wake(t->service);
	return e;
}

void
cron_tick(const struct service *service, struct arena *mem)
{
	static struct chore_trouble trouble = {
		.begins = "cron_tick",
		.ends = "cron_tick",
		.relief = "jobs that are due are decided again",
	};
	struct tick t = {
		.service = service,
		.tolerance_us =
		    ROOM_OPTIONS(cron, service->conf)->tolerance / NS_PER_US,
		.mem = mem,
	};
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	int64_t until = clock_mono_ns() + TICK_NS;
	enum err e;

	do {
		t.now_us = clock_wall_us();
		e = transact(&t, tx, decide_some);
		if (e == OK)
			publish_times(&t);
	} while (e == OK && t.jobs == JOBS_AT_ONCE && clock_mono_ns() < until &&
	    !service->is_ending());
	if (e == OK)
		e = transact(&t, tx, add_waiting);
	chore_log(&trouble, e, db_trouble(tx));
}
