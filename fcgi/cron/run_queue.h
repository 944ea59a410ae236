/*
 * run_queue: gives runs their items in the queue, of the kind cron.run.
 */
#ifndef IO7_FCGI_CRON_RUN_QUEUE_H
#define IO7_FCGI_CRON_RUN_QUEUE_H

#include "fcgi/cron/decide.h"
#include "fcgi/db/door.h"

/* A run, or a record of times without one, that is to be added. */
struct new_run {
	struct uuid user;
	struct str mode, job_id, job_name;
	int32_t attempts;
	struct decision decision;
};

struct queued_run {
	struct uuid id; /* all zero: none was queued */
};

/*
 * Adds n rows in the caller's transaction, with items for the runs that do not
 * wait, and prunes the history of their jobs. If `first` is not NULL, it is the
 * first run that was queued.
 */
enum err run_add_all(struct db_tx *, struct arena *, const struct new_run *,
    size_t n, int64_t now_us, struct queued_run *first) MUST_CHECK;

/* The job of a run that has ended. */
struct run_job {
	struct uuid user;
	struct str mode, id;
};

/*
 * Gives items to the runs that waited for one that has ended: of one job, or of
 * all jobs if it is NULL. Sets the number of runs.
 */
enum err run_add_waiting(struct db_tx *, struct arena *, const struct run_job *,
    size_t *n) MUST_CHECK;

#endif
