/*
 * jobs: the rows of cron_jobs, in the database of one user.
 *
 * If the table lacks columns of this version, or the user has dropped it, it is
 * mended first.
 *
 * Not:    the index of what is due, which is in PostgreSQL.
 * Limit:  a page ends early when its commands reach JOBS_PAGE_BYTES; one of the
 *         oldest jobs, JOBS_OLDEST_BYTES.
 */
#ifndef IO7_FCGI_CRON_JOBS_H
#define IO7_FCGI_CRON_JOBS_H

#include "fcgi/cron/job.h"
#include "fcgi/userdb/ask.h"

enum { JOBS_PAGE_BYTES = 1 << 20, JOBS_OLDEST_BYTES = 8 << 20 };

/* The jobs of a database. */
struct jobs {
	const struct service *service;
	struct arena *mem;
	struct userdb *db;
	int64_t storage_bytes; /* of the plan */
	int64_t deadline_ns;
	bool only_oldest; /* pages have the JOBS_MAX oldest jobs only */
	const char *why;  /* of a failure: a sentence for the user */
};

struct job_list {
	struct job *rows;
	size_t n;
	bool has_more;
};

/* A page of up to `limit` jobs after that name and id, both "" at first. */
enum err jobs_page(struct jobs *, struct str after_name, struct str after_id,
    size_t limit, struct job_list *) MUST_CHECK;
/* E_NOT_FOUND. */
enum err jobs_get(struct jobs *, struct str id, struct job *) MUST_CHECK;

/* Which fields of a job are to be changed: a text without p is not. */
struct job_change {
	struct str name, schedule, timezone, command, overlap, catch_up;
	struct opt_bool enabled;
	struct opt_int64 retries;
};

/*
 * E_CONFLICT: the name is taken, there are JOBS_MAX jobs, or a constraint of
 * the user's own.
 */
enum err jobs_add(struct jobs *, const struct job *) MUST_CHECK;
enum err jobs_change(struct jobs *, struct str id, const struct job_change *,
    struct job *changed) MUST_CHECK;
enum err jobs_delete(struct jobs *, struct str id) MUST_CHECK;

#endif
