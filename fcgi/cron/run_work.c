/*
 * One attempt of a run, in a process of its own.
 *
 * The row of the run says what became of each attempt before the queue does. So
 * an attempt that finds the run as running follows one whose runner was lost;
 * and one that finds it ended has nothing to do.
 */
#include "fcgi/cron/command.h"
#include "fcgi/cron/due.h"
#include "fcgi/cron/kinds.h"
#include "fcgi/cron/options.h"
#include "fcgi/cron/run.h"
#include "fcgi/cron/run_queue.h"
#include "fcgi/meter/charge.h"
#include "fcgi/work/work.h"
#include "lib/json/json.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "stmts/cron.h"

enum { TRIES = 3, PAUSE_S = 2 };

/* The end of an attempt is recorded again while PostgreSQL is away. */
#define RECORD_NS (60 * NS_PER_S)
#define AGAIN_NS  (500 * NS_PER_MS)

/* The output is shown while the run goes on. */
#define SHOW_NS (500 * NS_PER_MS)

struct attempt {
	struct work *work;
	struct db_tx *tx;
	struct uuid run;
	struct run_begin_row *row;
	size_t shown; /* bytes of the output */
	int64_t shown_ns;

	/* How it ended. */
	enum cron_status status;
	struct str error; /* without p: none */
	struct str output;
	bool output_cut;
	size_t waited; /* runs that had waited for this one */
};

/* --- The end --------------------------------------------------------------- */

static enum err
write_end(struct db_tx *tx, void *context)
{
	struct attempt *a = context;
	struct run_job job = { a->row->user_id, a->row->mode, a->row->job_id };
	enum err e = run_end(tx, a->run, a->work->attempt, clock_wall_us(),
	    str_of(cron_statuses[a->status]), a->error, a->output,
	    a->output_cut, NULL);

	return e == OK && a->status != RUN_QUEUED
	    ? run_add_waiting(tx, a->work->mem, &job, &a->waited)
	    : e;
}

/* False if it could not be recorded: then the attempt counts as lost. */
static bool
record_end(struct attempt *a)
{
	int64_t until = clock_mono_ns() + RECORD_NS;
	enum err e = db_transact(a->tx, TRIES, write_end, a);

	while (e != OK && clock_mono_ns() < until) {
		clock_sleep(AGAIN_NS);
		e = db_transact(a->tx, TRIES, write_end, a);
	}
	if (e != OK)
		log_event(LOG_WARN, "cron_run", "not recorded: %s",
		    db_trouble(a->tx));
	if (a->waited)
		work_wake(a->work->service);
	return e == OK;
}

/* The history has the failure: it is none of the queue. */
static enum work_outcome
end(struct attempt *a, enum cron_status status, const char *error)
{
	a->status = status;
	a->error = error ? str_of(error) : (struct str){ 0 };
	return record_end(a) ? WORK_DONE : WORK_FAILED;
}

static enum work_outcome
end_failed(struct attempt *a, enum work_outcome outcome)
{
	const char *why = a->work->why ? a->work->why : "The run failed.";

	if (outcome != WORK_FAILED || a->work->is_last)
		return end(a, RUN_FAILED, why);
	end(a, RUN_QUEUED, why);
	return WORK_FAILED;
}

static enum work_outcome
end_later(struct attempt *a)
{
	return end(a, RUN_QUEUED, NULL) == WORK_DONE ? WORK_LATER : WORK_FAILED;
}

/* --- The beginning --------------------------------------------------------- */

static bool
read_args(const struct work *work, struct uuid *run)
{
	const struct json *args;
	struct json_fault fault;

	return json_parse(work->mem, work->args, &args, &fault) == OK &&
	    uuid_of(json_text(json_get(args, "run")), run);
}

struct payment {
	struct attempt *attempt;
	struct charge charge;
	enum err taken;
};

static enum err
write_charge(struct db_tx *tx, void *context)
{
	const struct payment *p = context;
	enum err e = charge_record(tx, &p->charge, p->taken);

	return e == OK ? run_charged(tx, p->attempt->run, NULL) : e;
}

/* OK also for a run that an earlier attempt has paid for. */
static enum err
pay(struct attempt *a)
{
	struct payment p = {
		.attempt = a,
		.charge = {
			.service = a->work->service,
			.mem = a->work->mem,
			.user = a->row->user_id,
			.mode = mode_named(a->row->mode),
			.credits_per_day = a->row->credits_per_day,
		},
	};
	enum err e;

	if (a->row->is_charged)
		return OK;
	p.taken = charge_take(&p.charge);
	if (p.taken != OK && p.taken != E_QUOTA_EXCEEDED)
		return p.taken;
	e = db_transact(a->tx, TRIES, write_charge, &p);
	if (e == OK)
		return p.taken;
	charge_return(&p.charge);
	return e;
}

/* Why there is nothing to run, or NULL. */
static const char *
reason_to_skip(const struct run_begin_row *row)
{
	if (!str_eq(row->status, STR("active")))
		return "The account is suspended.";
	if (!row->command.p)
		return "The job was deleted.";
	return row->problem.p ? "The job has a problem." : NULL;
}

/* --- The command ----------------------------------------------------------- */

static void
show(void *to, const struct cron_output *output)
{
	struct attempt *a = to;

	if (output->text.n == a->shown ||
	    clock_mono_ns() - a->shown_ns < SHOW_NS)
		return;
	a->shown = output->text.n;
	a->shown_ns = clock_mono_ns();
	(void)!run_output(a->tx, a->run, a->work->attempt,
	    buf_view(&output->text), NULL);
}

/* The queue's own limit is that of a process which keeps no deadline. */
static void
set_deadline(struct work *work)
{
	int64_t until =
	    clock_mono_ns() + ROOM_OPTIONS(cron, work->service->conf)->timeout;

	if (until < work->deadline_ns)
		work->deadline_ns = until;
}

static enum work_outcome
run_command(struct attempt *a)
{
	char id[UUID_TEXT];
	struct cron_command command;
	struct cron_output output = { .progress = show, .to = a };
	struct cron_caller caller = {
		.tenant.user = a->row->user_id,
		.mode = mode_named(a->row->mode),
		.storage_bytes = a->row->storage_bytes,
	};
	enum work_outcome outcome;

	uuid_text(a->run, id);
	caller.run = str_of(id);
	tenant_name(caller.tenant.user, caller.tenant.schema);
	buf_init(&output.text, a->work->mem);
	if (cron_command_parse(a->work->mem, a->row->command, &command,
		&a->work->why) != OK)
		return end_failed(a, WORK_REFUSED);
	set_deadline(a->work);
	cron_command_confine(a->work->service, &command);
	outcome = cron_command_run(a->work, &command, &caller, &output);
	a->output = buf_view(&output.text);
	a->output_cut = output.is_cut;
	if (outcome == WORK_DONE)
		return end(a, RUN_OK, NULL);
	return outcome == WORK_LATER ? end_later(a) : end_failed(a, outcome);
}

static enum work_outcome
try_later(struct work *work)
{
	work->pause_us = PAUSE_S * US_PER_S;
	return WORK_LATER;
}

enum work_outcome
run_work(struct work *work)
{
	struct attempt a = {
		.work = work,
		.tx = db_open(work->service->db, work->mem, MODE_LIVE),
	};
	const char *reason;
	enum err e;

	if (!read_args(work, &a.run)) {
		work->why = "The arguments are malformed.";
		return WORK_REFUSED;
	}
	e = run_begin(a.tx, a.run, work->attempt, clock_wall_us(), &a.row);
	if (e != OK)
		return try_later(work);
	if (!a.row || run_has_ended(a.row->was))
		return WORK_DONE;
	reason = reason_to_skip(a.row);
	if (reason)
		return end(&a, RUN_SKIPPED, reason);
	e = pay(&a);
	if (e == E_QUOTA_EXCEEDED)
		return end(&a, RUN_OUT_OF_CREDITS,
		    "The account has no credits left today.");
	if (e != OK) {
		work->pause_us = PAUSE_S * US_PER_S;
		return end_later(&a);
	}
	return run_command(&a);
}

/* --- A run whose process or runner died for the last time ------------------ */

static enum err
write_dead(struct db_tx *tx, void *context)
{
	struct attempt *a = context;
	struct run_dead_row *row = NULL;
	enum err e = run_dead(tx, a->run, clock_wall_us(), a->error, &row);

	if (e != OK || !row)
		return e;
	return run_add_waiting(tx, a->work->mem,
	    &(struct run_job){ row->user_id, row->mode, row->job_id },
	    &a->waited);
}

void
run_work_dead(struct work *work)
{
	struct attempt a = {
		.work = work,
		.tx = db_open(work->service->db, work->mem, MODE_LIVE),
		.error = str_of(work->why ? work->why : "The runner was lost."),
	};

	if (!read_args(work, &a.run))
		return;
	if (db_transact(a.tx, TRIES, write_dead, &a) != OK)
		log_event(LOG_WARN, "cron_run", "not recorded: %s",
		    db_trouble(a.tx));
	else if (a.waited)
		work_wake(work->service);
}
