/*
 * job_http: what the handlers of jobs share: the caller's database, errors, and
 * jobs as JSON.
 *
 * The database and the index are always those of the caller's account and mode.
 * What a request names is looked up there only.
 */
#ifndef IO7_FCGI_CRON_JOB_HTTP_H
#define IO7_FCGI_CRON_JOB_HTTP_H

#include "fcgi/cron/due.h"
#include "fcgi/cron/jobs.h"
#include "fcgi/http/req.h"

struct caller {
	struct req *r;
	struct job_owner owner;
	struct jobs jobs;
	int64_t now_us;
};

struct job_owner job_owner_of(const struct req *);

/* Finds the database. If it fails, the request fails with that error. */
enum err caller_open(struct req *, struct caller *) MUST_CHECK;
/* Fails the request with the sentence of a failed call of the database. */
enum err caller_fail(struct caller *, enum err);
/*
 * To be called before jobs are changed: if the process dies in between, the
 * index is compared with the database.
 */
enum err caller_announce(struct caller *) MUST_CHECK;

/* Writes a job to the index, if it differs. */
enum err caller_index(struct caller *, const struct job *) MUST_CHECK;

/*
 * Writes the index, where it differs, and then each job with its state as JSON,
 * separated by commas.
 */
enum err caller_write_jobs(struct caller *, const struct job *, size_t n,
    struct buf *) MUST_CHECK;

#endif
