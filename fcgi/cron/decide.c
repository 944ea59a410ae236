/*
 * Decides one job. The newest times are listed one by one, because they are
 * what a user looks for; what is older than those is only counted.
 */
#include "fcgi/cron/decide.h"

#define MINUTE_US (60 * US_PER_S)

/* The scheduled times after `from` up to `until`, the newest of them one by one. */
struct times {
	int64_t at[DECIDE_LISTED]; /* oldest first */
	size_t n;
	int64_t older, first_older; /* those before, and the first of them */
};

/* --- The times ------------------------------------------------------------ */

/*
 * Goes back from `until` in growing steps until there are enough times, so that
 * the work does not grow with the length of a downtime.
 */
static int64_t
begin_of_list(const struct decide_job *job, int64_t after, int64_t until)
{
	int64_t step = DECIDE_LISTED * MINUTE_US;
	struct schedule_due due;

	while (until - step > after) {
		schedule_due(job->schedule, job->zone, until - step, until,
		    DECIDE_LISTED, &due);
		if (due.count == DECIDE_LISTED)
			return until - step;
		step *= 2;
	}
	return after;
}

static void
list_times(const struct decide_job *job, int64_t after, int64_t until,
    struct times *t)
{
	int64_t at = begin_of_list(job, after, until);
	struct schedule_due older;

	*t = (struct times){ 0 };
	while (
	    schedule_next(job->schedule, job->zone, at, &at) && at <= until) {
		if (t->n == DECIDE_LISTED)
			memmove(t->at, t->at + 1, --t->n * sizeof(t->at[0]));
		t->at[t->n++] = at;
	}
	if (t->n < DECIDE_LISTED)
		return;
	schedule_due(job->schedule, job->zone, after, t->at[0] - 1,
	    DECIDE_COUNTED, &older);
	t->older = (int64_t)older.count;
	t->first_older = older.first_us;
}

/* --- Entries -------------------------------------------------------------- */

static struct decision *
add(struct decisions *p, enum cron_status status, enum cron_trigger trigger,
    int64_t due_us)
{
	struct decision *entry = &p->rows[p->n++];

	*entry = (struct decision){
		.status = status,
		.trigger = trigger,
		.due_us = due_us,
	};
	return entry;
}

static void
add_missed(struct decisions *p, enum cron_trigger trigger, int64_t due_us,
    int64_t times, const char *error)
{
	struct decision *entry = add(p, RUN_MISSED, trigger, due_us);

	entry->missed = times;
	entry->error = error;
}

static void
add_skipped(struct decisions *p, enum cron_trigger trigger, int64_t due_us,
    const char *error)
{
	add(p, RUN_SKIPPED, trigger, due_us)->error = error;
}

/* Counts the run, which is in the way of later ones. */
static void
add_run(struct decisions *p, struct decide_job *job, enum cron_trigger trigger,
    int64_t due_us, bool waits)
{
	add(p, RUN_QUEUED, trigger, due_us)->waits = waits;
	job->active++;
}

/* A run that is in turn waits for earlier ones, whatever the overlap rule. */
static void
add_due(struct decisions *p, struct decide_job *job, enum cron_trigger trigger,
    int64_t due_us, bool is_in_turn)
{
	bool overlaps = job->active > 0;

	if (job->is_suspended)
		add_skipped(p, trigger, due_us, "The account is suspended.");
	else if (overlaps && job->overlap == OVERLAP_SKIP && !is_in_turn)
		add_skipped(p, trigger, due_us,
		    "An earlier run had not ended.");
	else if (job->active >= DECIDE_ACTIVE)
		add_skipped(p, trigger, due_us,
		    "100 earlier runs had not ended.");
	else
		add_run(p, job, trigger, due_us,
		    overlaps && job->overlap != OVERLAP_PARALLEL);
}

_Static_assert(DECIDE_ACTIVE == 100, "the sentence above says so");

/* --- Jobs ----------------------------------------------------------------- */

#define MISSED "io7 could not start the run at its time."

/*
 * With `all`, the runs that make up for late times, and those after them, follow
 * one another: with the overlap rule `skip`, only the first would remain.
 */
static bool
follow_one_another(const struct decide_job *job, size_t late)
{
	return job->catch_up == CATCH_UP_ALL && late > 0;
}

/* A run that is on time makes up for those before it, too. */
static bool
catches_up(const struct decide_job *job, const struct times *t, size_t late,
    size_t i)
{
	return job->catch_up == CATCH_UP_ALL ||
	    (job->catch_up == CATCH_UP_ONE && late == t->n && i == t->n - 1);
}

static void
decide_runs(struct decisions *p, struct decide_job *job, int64_t now_us,
    int64_t tolerance_us)
{
	struct times t;
	size_t late = 0;
	bool in_turn;

	list_times(job, job->decided_us, now_us, &t);
	if (t.older)
		add_missed(p, TRIGGER_SCHEDULE, t.first_older, t.older, MISSED);
	while (late < t.n && t.at[late] < now_us - tolerance_us)
		late++;
	in_turn = follow_one_another(job, late);
	for (size_t i = 0; i < t.n; i++) {
		if (i >= late)
			add_due(p, job, TRIGGER_SCHEDULE, t.at[i], in_turn);
		else if (catches_up(job, &t, late, i))
			add_due(p, job, TRIGGER_CATCH_UP, t.at[i], in_turn);
		else
			add_missed(p, TRIGGER_SCHEDULE, t.at[i], 1, MISSED);
	}
	p->decided_us = now_us;
}

/* --- Heartbeats ----------------------------------------------------------- */

/*
 * When heartbeats begin to count for the time after before_us: at the end of its
 * grace if it is a scheduled time. Otherwise it is when the job was created or
 * changed, and no earlier time is waited for.
 */
static int64_t
counts_from(const struct decide_job *job, int64_t before_us)
{
	int64_t at = 0;
	bool is_scheduled =
	    schedule_next(job->schedule, job->zone, before_us - 1, &at) &&
	    at == before_us;

	return is_scheduled ? before_us + job->grace_us : before_us;
}

/* A heartbeat may come before its time; after it, until the grace ends. */
static bool
has_beaten(const struct decide_job *job, struct opt_int64 beat_us,
    int64_t before_us, int64_t due_us)
{
	int64_t from = counts_from(job, before_us);

	return beat_us.is && beat_us.v > (from < due_us ? from : due_us) &&
	    beat_us.v <= due_us + job->grace_us;
}

static void
decide_heartbeats(struct decisions *p, const struct decide_job *job,
    int64_t now_us, int64_t tolerance_us)
{
	int64_t until = now_us - job->grace_us, before = job->decided_us;
	struct times t;

	list_times(job, before, until, &t);
	if (t.older)
		add_missed(p, TRIGGER_HEARTBEAT, t.first_older, t.older,
		    MISSED);
	for (size_t i = 0; i < t.n; before = t.at[i++]) {
		bool is_late = t.at[i] < until - tolerance_us;

		if (!has_beaten(job, job->beat_us, before, t.at[i]) &&
		    !has_beaten(job, job->heard_us, before, t.at[i]))
			add_missed(p, TRIGGER_HEARTBEAT, t.at[i], 1,
			    is_late ? "No heartbeat came in time, and io7 was"
				      " not running either."
				    : "No heartbeat came in time.");
	}
	p->decided_us = before;
}

/* --- Both ----------------------------------------------------------------- */

struct opt_int64
decide_next(const struct decide_job *job, int64_t decided_us)
{
	struct opt_int64 next = { 0 };

	next.is = schedule_next(job->schedule, job->zone, decided_us, &next.v);
	if (job->is_heartbeat)
		next.v += job->grace_us;
	return next;
}

void
decide(const struct decide_job *job, int64_t now_us, int64_t tolerance_us,
    struct decisions *p)
{
	struct decide_job counted = *job;

	p->n = 0;
	p->decided_us = now_us;
	if (job->decided_us <= now_us + DECIDE_BACK_US) {
		if (job->is_heartbeat)
			decide_heartbeats(p, job, now_us, tolerance_us);
		else if (job->decided_us < now_us)
			decide_runs(p, &counted, now_us, tolerance_us);
		else
			p->decided_us = job->decided_us;
	}
	p->next_us = decide_next(job, p->decided_us);
}
