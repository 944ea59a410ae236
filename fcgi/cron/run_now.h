/*
 * run_now: runs a job at once, whatever its schedule says.
 */
#ifndef IO7_FCGI_CRON_RUN_NOW_H
#define IO7_FCGI_CRON_RUN_NOW_H

#include "fcgi/cron/run_queue.h"

struct due_lock_row;

struct manual_run {
	struct arena *mem;
	struct uuid user;
	struct str mode, job_id;
	int64_t now_us;

	/* Set by run_now(). */
	struct due_lock_row *job; /* locked */
	struct queued_run queued;
	const char *refusal; /* public; or NULL */
};

/*
 * Queues a run, in a transaction of its own. E_CONFLICT with a refusal: the job,
 * as the index has it, cannot run now.
 */
enum err run_now(struct db_tx *, struct manual_run *) MUST_CHECK;

#endif
