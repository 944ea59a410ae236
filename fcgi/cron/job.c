/*
 * The checks of a job. They are the same for a job that the API is sent and for
 * one that is found in the database: there they become the job's problem.
 */
#include "fcgi/cron/job.h"

#include "fcgi/cron/command.h"
#include "lib/time/zones.h"

_Static_assert(JOB_NAME_MAX == 100 && JOB_RETRIES_MAX == 10 &&
	JOB_ID_MAX == 256 && SCHEDULE_MAX == 256 && JOBS_MAX == 1000,
    "the sentences below say so");

static enum err
refuse(struct job_problem *p, const char *field, const char *sentence)
{
	*p = (struct job_problem){ field, sentence };
	return E_BAD_REQUEST;
}

/* --- Schedule and time zone ----------------------------------------------- */

/* The zones that this process has read. */
static struct zones *
process_zones(void)
{
	static struct zones *zones;

	if (!zones)
		zones = zones_new(NULL);
	return zones;
}

static enum err
find_zone(struct str name, const struct zone **zone, struct job_problem *p)
{
	struct zones *zones = process_zones();
	enum err e;

	p->field = "timezone";
	p->sentence = "The time zones cannot be read now.";
	if (!zones)
		return E_UNAVAILABLE;
	e = zones_find(zones, name, zone, &p->sentence);
	return e;
}

enum err
job_check_times(struct arena *mem, struct str schedule, struct str timezone,
    struct job_rule *rule, struct job_problem *p)
{
	char *problem = arena_alloc(mem, SCHEDULE_PROBLEM);

	if (!problem)
		return E_TOO_LARGE;
	if (!schedule_parse(schedule, &rule->schedule, problem))
		return refuse(p, "schedule", problem);
	return find_zone(timezone, &rule->zone, p);
}

/* --- The other fields ----------------------------------------------------- */

static const char *
name_problem(struct str name)
{
	size_t length = str_utf8_length(name);

	return length < 1 || length > JOB_NAME_MAX ||
		str_has_control(name, false)
	    ? "must be 1 to 100 characters, without control characters"
	    : NULL;
}

static enum err
check_words(const struct job *job, struct job_rule *rule, struct job_problem *p)
{
	int overlap = cron_word(cron_overlaps, job->overlap);
	int catch_up = cron_word(cron_catch_ups, job->catch_up);
	const char *problem = name_problem(job->name);

	if (problem)
		return refuse(p, "name", problem);
	if (overlap < 0)
		return refuse(p, "overlap", "must be skip, queue or parallel");
	if (catch_up < 0)
		return refuse(p, "catch_up", "must be none, one or all");
	if (job->retries < 0 || job->retries > JOB_RETRIES_MAX)
		return refuse(p, "retries", "must be 0 to 10");
	rule->overlap = (enum cron_overlap)overlap;
	rule->catch_up = (enum cron_catch_up)catch_up;
	rule->retries = (int)job->retries;
	return OK;
}

static enum err
check_command(const struct service *service, struct arena *mem,
    const struct job *job, struct job_rule *rule, struct job_problem *p)
{
	struct cron_command command;
	const char *problem = NULL;

	if (cron_command_parse(mem, job->command, &command, &problem) != OK)
		return refuse(p, "command", problem);
	problem = cron_command_refusal(service, &command);
	if (problem)
		return refuse(p, "command", problem);
	rule->is_heartbeat = command.verb == CRON_HEARTBEAT;
	rule->grace_us = rule->is_heartbeat ? command.grace_s * US_PER_S : 0;
	return OK;
}

/* Of a job that was not made by the API. */
static enum err
check_place(const struct job *job, struct job_problem *p)
{
	if (job->id.n < 1 || job->id.n > JOB_ID_MAX ||
	    str_utf8_length(job->id) == SIZE_MAX ||
	    str_has_control(job->id, false))
		return refuse(p, "id",
		    "must be 1 to 256 bytes, without control characters");
	if (job->is_surplus)
		return refuse(p, NULL, "There are 1,000 older jobs.");
	if (job->has_twin)
		return refuse(p, "name", "An older job has this name.");
	return OK;
}

enum err
job_check(const struct service *service, struct arena *mem,
    const struct job *job, struct job_rule *rule, struct job_problem *p)
{
	enum err e = check_place(job, p);

	*rule = (struct job_rule){ 0 };
	if (e == OK)
		e = check_words(job, rule, p);
	if (e == OK)
		e = job_check_times(mem, job->schedule, job->timezone, rule, p);
	return e == OK ? check_command(service, mem, job, rule, p) : e;
}

struct decide_job
job_to_decide(const struct job_rule *rule)
{
	return (struct decide_job){
		.schedule = &rule->schedule,
		.zone = rule->zone,
		.overlap = rule->overlap,
		.catch_up = rule->catch_up,
		.is_heartbeat = rule->is_heartbeat,
		.grace_us = rule->grace_us,
	};
}
