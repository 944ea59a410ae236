/*
 * A heartbeat tells that a job ran elsewhere. That one is missing is noticed
 * where due jobs are decided.
 */
#include "fcgi/cron/handlers.h"

#include "fcgi/cron/due.h"
#include "fcgi/cron/job.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/cron.h"

static enum err
record(struct req *r, int64_t now_us, struct heartbeat_record_row **row)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct uuid user = r->principal->tenant.user;
	struct str mode = str_of(mode_name(r->principal->mode));
	enum err e =
	    heartbeat_record(tx, user, mode, r->params[0], now_us, row);

	if (e == OK && *row)
		e = runs_trim(tx, (struct array){ &user, 1 },
		    (struct array){ &mode, 1 },
		    (struct array){ &(*row)->job_id, 1 }, RUNS_KEPT, NULL);
	return db_result(r, tx, e);
}

static enum err
refuse(struct req *r)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct job_named_row *job = NULL;
	enum err e = job_named(tx, r->principal->tenant.user,
	    str_of(mode_name(r->principal->mode)), r->params[0], &job);

	if (e != OK)
		return db_result(r, tx, e);
	return fail_saying(r, E_NOT_FOUND,
	    !job                 ? "There is no job of this name."
		: job->problem.p ? "The job of this name has a problem."
				 : "The job of this name is not a heartbeat.");
}

/* The first scheduled time after now; absent: never, or it is not known. */
static struct opt_int64
next_time(struct req *r, const struct heartbeat_record_row *row, int64_t now_us)
{
	struct opt_int64 next = { 0 };
	struct job_problem problem;
	struct job_rule rule;

	if (row->enabled &&
	    job_check_times(r->mem, row->schedule, row->timezone, &rule,
		&problem) == OK)
		next.is =
		    schedule_next(&rule.schedule, rule.zone, now_us, &next.v);
	return next;
}

enum err
cron_post_heartbeat(struct req *r)
{
	struct heartbeat_record_row *row = NULL;
	int64_t now = clock_wall_us();
	struct str name = r->params[0];
	struct buf *b;
	enum err e;

	if (!str_is_utf8(name) || str_has_control(name, false))
		return fail_saying(r, E_NOT_FOUND,
		    "There is no job of this name.");
	e = record(r, now, &row);
	if (e != OK)
		return e;
	if (!row)
		return refuse(r);
	b = resp_body(r, 200);
	buf_putc(b, '{');
	member_text(b, "job_id", row->job_id);
	member_time(b, "recorded_at", (struct opt_int64){ true, now });
	member_time(b, "next_expected_at", next_time(r, row, now));
	buf_puts(b, "}\n");
	return OK;
}
