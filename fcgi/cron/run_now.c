/*
 * Runs a job now.
 */
#include "fcgi/cron/run_now.h"

#include "fcgi/cron/handlers.h"
#include "fcgi/cron/job_http.h"
#include "fcgi/cron/run.h"
#include "fcgi/http/resp.h"
#include "fcgi/work/work.h"
#include "lib/json/member.h"
#include "stmts/cron.h"

enum { TRIES = 3 };

/* Why the job cannot run now, or NULL. The row is locked. */
static const char *
refusal_of(const struct due_lock_row *job, const struct runs_active_row *runs)
{
	if (job->problem.p)
		return "The job has a problem and cannot run.";
	if (job->is_heartbeat)
		return "A heartbeat job has nothing to run: the program that"
		       " it watches sends the heartbeat.";
	if (runs->active && str_eq(job->overlap, STR("skip")))
		return "An earlier run has not ended.";
	return runs->active >= DECIDE_ACTIVE
	    ? "100 runs of this job have not ended."
	    : NULL;
}

_Static_assert(DECIDE_ACTIVE == 100, "the sentence above says so");

static enum err
lock_job(struct db_tx *tx, struct manual_run *m, struct runs_active_row **runs)
{
	size_t n = 0;
	enum err e = due_lock(tx, m->user, m->mode, m->job_id, &m->job);

	return e == OK ? runs_active(tx, (struct array){ &m->user, 1 },
			     (struct array){ &m->mode, 1 },
			     (struct array){ &m->job_id, 1 }, runs, &n)
		       : e;
}

static enum err
queue(struct db_tx *tx, void *context)
{
	struct manual_run *m = context;
	struct runs_active_row *runs = NULL;
	enum err e = lock_job(tx, m, &runs);

	if (e != OK)
		return e;
	m->refusal = m->job ? refusal_of(m->job, runs)
			    : "The job has a problem and cannot run.";
	if (m->refusal)
		return E_CONFLICT;
	return run_add_all(tx, m->mem,
	    &(struct new_run){
		.user = m->user,
		.mode = m->mode,
		.job_id = m->job_id,
		.job_name = m->job->name,
		.attempts = 1 + m->job->retries,
		.decision = {
		    .status = RUN_QUEUED,
		    .trigger = TRIGGER_MANUAL,
		    .due_us = m->now_us,
		    .waits = runs->active &&
			str_eq(m->job->overlap, STR("queue")),
		},
	    },
	    1, m->now_us, &m->queued);
}

enum err
run_now(struct db_tx *tx, struct manual_run *m)
{
	return db_transact(tx, TRIES, queue, m);
}

static void
answer(struct req *r, const struct manual_run *m)
{
	struct buf *b = resp_body(r, 202);

	run_json(b,
	    &(struct run){
		.id = m->queued.id,
		.job_id = m->job_id,
		.job_name = m->job->name,
		.status = str_of(cron_statuses[RUN_QUEUED]),
		.trigger = str_of(cron_triggers[TRIGGER_MANUAL]),
		.due_us = m->now_us,
		.attempts = 1 + m->job->retries,
	    });
	buf_putc(b, '\n');
}

/* The job is read from the database first: it may be newer than the index. */
enum err
cron_post_run(struct req *r)
{
	struct manual_run m = { .mem = r->mem, .job_id = r->params[0] };
	struct caller c;
	struct job job;
	struct db_tx *tx;
	enum err e = caller_open(r, &c);

	if (e != OK)
		return e;
	e = jobs_get(&c.jobs, m.job_id, &job);
	if (e != OK)
		return caller_fail(&c, e);
	e = caller_index(&c, &job);
	if (e != OK)
		return e;
	m.user = c.owner.user;
	m.mode = str_of(mode_name(c.owner.mode));
	m.now_us = c.now_us;
	tx = db_begin(r, MODE_LIVE);
	e = run_now(tx, &m);
	if (e == E_CONFLICT && m.refusal)
		return fail_saying(r, e, m.refusal);
	if (e != OK)
		return db_result(r, tx, e);
	work_wake(r->service);
	answer(r, &m);
	return OK;
}
