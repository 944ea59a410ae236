/*
 * Creates, changes and deletes jobs.
 */
#include "fcgi/cron/handlers.h"

#include "fcgi/cron/command.h"
#include "fcgi/cron/job_http.h"
#include "fcgi/http/body.h"
#include "fcgi/http/resp.h"
#include "lib/crypto/crypt.h"
#include "lib/time/zones.h"
#include "stmts/cron.h"

/* clang-format off */

/* Schedules, time zones and commands have sentences of their own. */
#define AT(field) .offset = offsetof(struct job_change, field)
#define FIELDS(needed) \
	{ "name", BIND_TEXT, needed, AT(name), .min = 1, \
		.max = JOB_NAME_MAX }, \
	{ "schedule", BIND_TEXT, needed, AT(schedule) }, \
	{ "command", BIND_TEXT, needed, true, AT(command) }, \
	{ "timezone", BIND_TEXT, AT(timezone) }, \
	{ "enabled", BIND_BOOL, AT(enabled) }, \
	{ "overlap", BIND_TEXT, AT(overlap), .choices = cron_overlaps }, \
	{ "retries", BIND_INT, AT(retries), .max = JOB_RETRIES_MAX }, \
	{ "catch_up", BIND_TEXT, AT(catch_up), .choices = cron_catch_ups },

static const struct bind_field create_fields[] = { FIELDS(true) };
static const struct bind_field change_fields[] = { FIELDS(false) };

/* clang-format on */

/* --- Both ------------------------------------------------------------------ */

static void
apply(const struct job_change *change, struct job *job)
{
	if (change->name.p)
		job->name = change->name;
	if (change->schedule.p)
		job->schedule = change->schedule;
	if (change->timezone.p)
		job->timezone = change->timezone;
	if (change->command.p)
		job->command = change->command;
	if (change->overlap.p)
		job->overlap = change->overlap;
	if (change->catch_up.p)
		job->catch_up = change->catch_up;
	if (change->enabled.is)
		job->enabled = change->enabled.v;
	if (change->retries.is)
		job->retries = change->retries.v;
}

static enum err
check(struct caller *c, const struct job *job)
{
	struct job_problem problem = { 0 };
	struct job_rule rule;
	enum err e = job_check(c->r->service, c->r->mem, job, &rule, &problem);

	if (e == OK)
		return OK;
	return problem.field
	    ? fail_field(c->r, e, problem.field, problem.sentence)
	    : fail_saying(c->r, e, problem.sentence);
}

static enum err
answer(struct caller *c, const struct job *job, int status)
{
	struct buf *b = resp_body(c->r, status);
	enum err e = caller_write_jobs(c, job, 1, b);

	if (e == OK)
		buf_putc(b, '\n');
	return e;
}

/* --- POST /api/cron/jobs --------------------------------------------------- */

/* A random UUID, of version 4. */
static bool
make_id(char text[UUID_TEXT])
{
	struct uuid id;

	if (!crypt_random(id.b, sizeof(id.b)))
		return false;
	id.b[6] = (id.b[6] & 0x0f) | 0x40;
	id.b[8] = (id.b[8] & 0x3f) | 0x80;
	uuid_text(id, text);
	return true;
}

enum err
cron_post_job(struct req *r)
{
	struct job_change in = { 0 };
	char id[UUID_TEXT];
	struct caller c;
	struct job job = {
		.timezone = STR("UTC"),
		.overlap = STR("skip"),
		.catch_up = STR("one"),
		.enabled = true,
	};
	enum err e = body_bind(r, create_fields, ARRAY_LEN(create_fields), &in);

	if (e != OK)
		return e;
	if (!make_id(id))
		return fail(r, E_INTERNAL, "no random bytes");
	job.id = str_of(id);
	apply(&in, &job);
	e = caller_open(r, &c);
	if (e == OK)
		e = check(&c, &job);
	if (e == OK)
		e = caller_announce(&c);
	if (e != OK)
		return e;
	e = jobs_add(&c.jobs, &job);
	if (e == OK)
		e = jobs_get(&c.jobs, job.id, &job);
	return e == OK ? answer(&c, &job, 201) : caller_fail(&c, e);
}

/* --- PATCH /api/cron/jobs/:job_id ------------------------------------------ */

/* Any job can be paused, also one that the user's own SQL made invalid. */
static bool
only_pauses(const struct job_change *in)
{
	return in->enabled.is && !in->enabled.v && !in->name.p &&
	    !in->schedule.p && !in->timezone.p && !in->command.p &&
	    !in->overlap.p && !in->catch_up.p && !in->retries.is;
}

/* The name of another job is no problem here: the change itself looks at it. */
enum err
cron_patch_job(struct req *r)
{
	struct job_change in = { 0 };
	struct caller c;
	struct job job;
	enum err e = body_bind(r, change_fields, ARRAY_LEN(change_fields), &in);

	if (e == OK)
		e = caller_open(r, &c);
	if (e != OK)
		return e;
	e = jobs_get(&c.jobs, r->params[0], &job);
	if (e != OK)
		return caller_fail(&c, e);
	apply(&in, &job);
	if (in.name.p)
		job.has_twin = false;
	if (!only_pauses(&in))
		e = check(&c, &job);
	if (e == OK)
		e = caller_announce(&c);
	if (e != OK)
		return e;
	e = jobs_change(&c.jobs, r->params[0], &in, &job);
	return e == OK ? answer(&c, &job, 200) : caller_fail(&c, e);
}

/* --- DELETE /api/cron/jobs/:job_id ----------------------------------------- */

enum err
cron_delete_job(struct req *r)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct caller c;
	enum err e = caller_open(r, &c);

	if (e == OK)
		e = caller_announce(&c);
	if (e != OK)
		return e;
	e = jobs_delete(&c.jobs, r->params[0]);
	if (e != OK)
		return caller_fail(&c, e);
	if (str_is_utf8(r->params[0]) &&
	    !memchr(r->params[0].p, '\0', r->params[0].n)) {
		e = db_result(r, tx,
		    due_delete(tx, c.owner.user,
			str_of(mode_name(c.owner.mode)), r->params[0], NULL));
		if (e != OK)
			return e;
	}
	resp_empty(r, 204);
	return OK;
}
