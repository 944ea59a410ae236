/*
 * A job as a client sees it: the row of the database, with what the index knows.
 */
#include "fcgi/cron/job_http.h"

#include "fcgi/cron/run.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "fcgi/userdb/options.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/cron.h"

enum { RECENT = 30 };

struct job_owner
job_owner_of(const struct req *r)
{
	return (struct job_owner){
		.service = r->service,
		.mem = r->mem,
		.user = r->principal->tenant.user,
		.mode = r->principal->mode,
	};
}

enum err
caller_open(struct req *r, struct caller *c)
{
	struct userdb *db;
	enum err e = userdb_find(r, &db);

	if (e != OK)
		return e;
	*c = (struct caller){
		.r = r,
		.owner = job_owner_of(r),
		.now_us = clock_wall_us(),
		.jobs = {
			.service = r->service,
			.mem = r->mem,
			.db = db,
			.storage_bytes = r->principal->plan.storage_bytes,
			.deadline_ns = r->began_ns +
			    ROOM_OPTIONS(userdb, r->service->conf)->timeout,
			.why = "",
		},
	};
	return OK;
}

enum err
caller_fail(struct caller *c, enum err e)
{
	return fail_saying(c->r, e, c->jobs.why);
}

enum err
caller_announce(struct caller *c)
{
	const char *why = "";
	enum err e =
	    userdb_note_jobs(c->r->service, c->r->mem, c->jobs.db, &why);

	return e == OK ? OK : fail(c->r, e, "%s", why);
}

/* --- The index ------------------------------------------------------------ */

/* n jobs with their entries and what the index has of them. */
struct listed {
	const struct job *jobs;
	struct due_entry *entries;
	struct str *ids;
	size_t n;
	struct due_facts_row *facts;
	size_t facts_n;
	struct run_latest_row *runs;
	size_t runs_n;
};

static enum err
make_entries(struct caller *c, struct listed *l)
{
	l->entries = arena_alloc(c->r->mem, (l->n + 1) * sizeof(*l->entries));
	l->ids = arena_alloc(c->r->mem, (l->n + 1) * sizeof(*l->ids));
	if (!l->entries || !l->ids)
		return fail(c->r, E_TOO_LARGE, "no memory");
	for (size_t i = 0; i < l->n; i++) {
		enum err e = due_entry_of(&c->owner, &l->jobs[i], c->now_us,
		    &l->entries[i]);

		if (e != OK)
			return fail_saying(c->r, e,
			    "The time zones cannot be read now.");
		/* An id that is not indexed may be no text for PostgreSQL. */
		l->ids[i] = l->entries[i].is_indexed ? l->jobs[i].id : STR("");
	}
	return OK;
}

static enum err
read_facts(struct caller *c, struct listed *l)
{
	struct db_tx *tx = db_begin(c->r, MODE_LIVE);

	return db_result(c->r, tx,
	    due_facts(tx, c->owner.user, str_of(mode_name(c->owner.mode)),
		(struct array){ l->ids, l->n }, RECENT, &l->facts,
		&l->facts_n));
}

static const struct due_facts_row *
facts_of(const struct listed *l, size_t at)
{
	for (size_t i = 0; i < l->facts_n; i++)
		if (str_eq(l->facts[i].job_id, l->ids[at]))
			return &l->facts[i];
	return NULL;
}

static bool
is_behind(const struct listed *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct due_facts_row *facts = facts_of(l, i);

		if (l->entries[i].is_indexed &&
		    (!facts || !due_is_equal(&l->entries[i], facts)))
			return true;
	}
	return false;
}

/* An index that is behind is mended, whatever was the reason. */
static enum err
read_index(struct caller *c, struct listed *l)
{
	struct db_tx *tx = db_begin(c->r, MODE_LIVE);
	enum err e = read_facts(c, l);

	if (e == OK && is_behind(l)) {
		e = due_put(&c->owner, l->entries, l->n, c->now_us);
		if (e != OK)
			return fail(c->r, e, "the index was not written");
		e = read_facts(c, l);
	}
	if (e != OK)
		return e;
	return db_result(c->r, tx,
	    run_latest(tx, c->owner.user, str_of(mode_name(c->owner.mode)),
		(struct array){ l->ids, l->n }, &l->runs, &l->runs_n));
}

enum err
caller_index(struct caller *c, const struct job *job)
{
	struct listed l = { .jobs = job, .n = 1 };
	enum err e = make_entries(c, &l);

	return e == OK ? read_index(c, &l) : e;
}

/* --- JSON ----------------------------------------------------------------- */

static void
write_job(struct buf *b, const struct job *job)
{
	member_text(b, "id", job->id);
	member_text(b, "name", job->name);
	member_text(b, "schedule", job->schedule);
	member_text(b, "timezone", job->timezone);
	member_text(b, "command", job->command);
	member_bool(b, "enabled", job->enabled);
	member_text(b, "overlap", job->overlap);
	member_int(b, "retries", job->retries);
	member_text(b, "catch_up", job->catch_up);
	member_time(b, "created_at", job->created_us);
	member_time(b, "updated_at", job->updated_us);
}

static void
write_summary(struct buf *b, const struct due_entry *entry)
{
	char bytes[SCHEDULE_TEXT];
	struct buf words;

	if (entry->problem.n) {
		member_text(b, "summary", (struct str){ 0 });
		return;
	}
	buf_init_fixed(&words, bytes, sizeof(bytes));
	buf_schedule(&words, &entry->schedule_of);
	member_text(b, "summary", buf_view(&words));
}

static void
write_last_run(struct buf *b, const struct listed *l, size_t at)
{
	member(b, "last_run");
	for (size_t i = 0; i < l->runs_n; i++)
		if (str_eq(l->runs[i].job_id, l->ids[at])) {
			run_json(b, &RUN_OF(&l->runs[i]));
			return;
		}
	buf_puts(b, "null");
}

static void
write_state(struct buf *b, const struct listed *l, size_t at)
{
	const struct due_entry *entry = &l->entries[at];
	const struct due_facts_row *facts = facts_of(l, at);
	struct str problem = entry->problem;

	member_time(b, "next_at",
	    facts ? facts->next_at : (struct opt_int64){ 0 });
	write_summary(b, entry);
	member_text(b, "problem", problem.n ? problem : (struct str){ 0 });
	write_last_run(b, l, at);
	member(b, "recent");
	buf_str(b, facts ? facts->recent : STR("[]"));
}

enum err
caller_write_jobs(struct caller *c, const struct job *jobs, size_t n,
    struct buf *b)
{
	struct listed l = { .jobs = jobs, .n = n };
	enum err e = make_entries(c, &l);

	if (e == OK)
		e = read_index(c, &l);
	for (size_t i = 0; e == OK && i < n; i++) {
		buf_puts(b, i ? ",{" : "{");
		write_job(b, &jobs[i]);
		write_state(b, &l, i);
		buf_putc(b, '}');
	}
	return e;
}
