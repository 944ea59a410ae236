/*
 * job: a cron job as its owner wrote it, and whether it can run.
 *
 * Its texts may be anything, because programs of the user write to cron_jobs,
 * too.
 */
#ifndef IO7_FCGI_CRON_JOB_H
#define IO7_FCGI_CRON_JOB_H

#include "fcgi/cron/decide.h"
#include "fcgi/service.h"
#include "lib/base/err.h"

enum {
	JOB_ID_MAX = 256,   /* bytes */
	JOB_NAME_MAX = 100, /* characters */
	JOB_RETRIES_MAX = 10,
	JOBS_MAX = 1000,
	RUNS_KEPT = 100, /* of a job, besides those that have not ended */
	/* Of an account in a mode: also of jobs that do not exist any more. */
	ACCOUNT_RUNS_KEPT = JOBS_MAX * RUNS_KEPT,
};

struct job {
	struct str id, name, schedule, timezone, command, overlap, catch_up;
	bool enabled;
	int64_t retries; /* -1: not a number */
	struct opt_int64 created_us, updated_us;
	bool has_twin;   /* an older job has the same name */
	bool is_surplus; /* JOBS_MAX jobs are older */
};

/* The first problem of a job, for its owner. */
struct job_problem {
	const char *field; /* NULL: the job as a whole */
	const char *sentence;
};

/* A job that can run. */
struct job_rule {
	struct schedule schedule;
	const struct zone *zone; /* valid until the next job is checked */
	enum cron_overlap overlap;
	enum cron_catch_up catch_up;
	int retries;
	bool is_heartbeat;
	int64_t grace_us;
};

/*
 * E_BAD_REQUEST with the first problem. E_UNAVAILABLE: the time zones cannot be
 * read now.
 */
enum err job_check(const struct service *, struct arena *, const struct job *,
    struct job_rule *, struct job_problem *) MUST_CHECK;

/* The schedule and the time zone alone. */
enum err job_check_times(struct arena *, struct str schedule,
    struct str timezone, struct job_rule *, struct job_problem *) MUST_CHECK;

/* For a decision; the caller adds the state of the job. */
struct decide_job job_to_decide(const struct job_rule *);

#endif
