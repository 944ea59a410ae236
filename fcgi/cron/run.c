/*
 * The JSON of a run.
 */
#include "fcgi/cron/run.h"

#include "fcgi/cron/rules.h"
#include "lib/json/member.h"

static void
member_duration(struct buf *b, const struct run *run)
{
	member(b, "duration_ms");
	if (run->started_us.is && run->finished_us.is &&
	    run->finished_us.v >= run->started_us.v)
		buf_int(b, (run->finished_us.v - run->started_us.v) / 1000);
	else
		buf_puts(b, "null");
}

void
run_members(struct buf *b, const struct run *run)
{
	member_uuid(b, "id", (struct opt_uuid){ true, run->id });
	member_text(b, "job_id", run->job_id);
	member_text(b, "job_name", run->job_name);
	member_text(b, "status", run->status);
	member_text(b, "trigger", run->trigger);
	member_time(b, "due_at", (struct opt_int64){ true, run->due_us });
	member_time(b, "started_at", run->started_us);
	member_time(b, "finished_at", run->finished_us);
	member_duration(b, run);
	member_int(b, "attempt", run->attempt);
	member_int(b, "attempts", run->attempts);
	member_text(b, "error", run->error);
	member_int(b, "missed", run->missed);
}

void
run_json(struct buf *b, const struct run *run)
{
	buf_putc(b, '{');
	run_members(b, run);
	buf_putc(b, '}');
}

bool
run_has_ended(struct str status)
{
	int word = cron_word(cron_statuses, status);

	return word != RUN_QUEUED && word != RUN_RUNNING;
}
