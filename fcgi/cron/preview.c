/*
 * The next times of a schedule that is not a job yet.
 */
#include "fcgi/cron/handlers.h"

#include "fcgi/cron/job.h"
#include "fcgi/http/resp.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"

enum { COUNT_USUAL = 5, COUNT_MAX = 100 };

static enum err
read_count(struct req *r, uint64_t *count)
{
	struct str text;
	enum err e = req_query(r, "count", &text);

	*count = COUNT_USUAL;
	if (e == OK && text.p &&
	    (!str_to_u64(text, count) || *count < 1 || *count > COUNT_MAX))
		return fail_field(r, E_BAD_REQUEST, "count",
		    "must be 1 to 100");
	return e;
}

static enum err
read_times(struct req *r, struct job_rule *rule, struct str *timezone)
{
	struct job_problem problem = { 0 };
	struct str schedule;
	enum err e = req_query(r, "schedule", &schedule);

	if (e == OK)
		e = req_query(r, "timezone", timezone);
	if (e != OK)
		return e;
	if (!schedule.p)
		return fail_field(r, E_BAD_REQUEST, "schedule", "is required");
	if (!timezone->p)
		*timezone = STR("UTC");
	e = job_check_times(r->mem, schedule, *timezone, rule, &problem);
	return e == OK ? OK : fail_field(r, e, problem.field, problem.sentence);
}

static void
write_times(struct buf *b, const struct job_rule *rule, uint64_t count)
{
	int64_t at = clock_wall_us();

	for (uint64_t i = 0;
	     i < count && schedule_next(&rule->schedule, rule->zone, at, &at);
	     i++) {
		buf_puts(b, i ? ",{" : "{");
		member_time(b, "at", (struct opt_int64){ true, at });
		member(b, "local");
		buf_local_time(b, rule->zone, at);
		buf_putc(b, '}');
	}
}

enum err
cron_get_preview(struct req *r)
{
	char bytes[SCHEDULE_TEXT];
	struct buf words, *b;
	struct job_rule rule;
	struct str timezone;
	uint64_t count;
	enum err e = read_times(r, &rule, &timezone);

	if (e == OK)
		e = read_count(r, &count);
	if (e != OK)
		return e;
	buf_init_fixed(&words, bytes, sizeof(bytes));
	buf_schedule(&words, &rule.schedule);
	b = resp_body(r, 200);
	buf_putc(b, '{');
	member_text(b, "summary", buf_view(&words));
	member_text(b, "timezone", timezone);
	member(b, "times");
	buf_putc(b, '[');
	write_times(b, &rule, count);
	buf_puts(b, "]}\n");
	return OK;
}
