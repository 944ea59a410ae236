/*
 * due: the index of the jobs: what of them is due next.
 *
 * Owns:   io7.cron_due.
 * Not:    the jobs, which are in the databases of their users: what the index
 *         has is a copy, and follows them.
 * Limit:  JOBS_MAX jobs of each database, and none whose id is malformed.
 */
#ifndef IO7_FCGI_CRON_DUE_H
#define IO7_FCGI_CRON_DUE_H

#include "fcgi/cron/job.h"
#include "fcgi/db/door.h"

/* The owner of jobs. */
struct job_owner {
	const struct service *service;
	struct arena *mem;
	struct uuid user;
	enum mode mode;
};

/*
 * A job as the index has it. Of one with a problem a text is empty if PostgreSQL
 * does not accept it.
 */
struct due_entry {
	struct str id, name, schedule, timezone, command, problem;
	bool enabled;
	enum cron_overlap overlap;
	enum cron_catch_up catch_up;
	int32_t retries;
	int32_t grace_s; /* -1: it is no heartbeat */
	struct opt_int64 next_us;
	struct schedule schedule_of; /* if there is no problem */
	bool is_indexed;
};

/*
 * Checks the job. E_UNAVAILABLE: the time zones cannot be read now, so that
 * nothing is known of it.
 */
enum err due_entry_of(const struct job_owner *, const struct job *,
    int64_t now_us, struct due_entry *) MUST_CHECK;

/* Writes n entries to the index; those that are equal change nothing. */
enum err due_put(const struct job_owner *, const struct due_entry *, size_t n,
    int64_t now_us) MUST_CHECK;

struct due_facts_row;

/* True if the index has the same of the job. */
bool due_is_equal(const struct due_entry *, const struct due_facts_row *);

#endif
