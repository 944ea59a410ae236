/*
 * run: a row of the history of a job, as JSON.
 */
#ifndef IO7_FCGI_CRON_RUN_H
#define IO7_FCGI_CRON_RUN_H

#include "lib/base/opt.h"

struct run {
	struct uuid id;
	struct str job_id, job_name, status, trigger;
	int64_t due_us;
	struct opt_int64 started_us, finished_us;
	int32_t attempt, attempts;
	struct str error; /* without p: none */
	int64_t missed;
};

/* A run from the row of any statement that has its columns. */
#define RUN_OF(row)                            \
	((struct run){                         \
	    .id = (row)->run_id,               \
	    .job_id = (row)->job_id,           \
	    .job_name = (row)->job_name,       \
	    .status = (row)->status,           \
	    .trigger = (row)->trigger,         \
	    .due_us = (row)->due_at,           \
	    .started_us = (row)->started_at,   \
	    .finished_us = (row)->finished_at, \
	    .attempt = (row)->attempt,         \
	    .attempts = (row)->attempts,       \
	    .error = (row)->error,             \
	    .missed = (row)->missed,           \
	})

/* The members, without braces. */
void run_members(struct buf *, const struct run *);
/* The object. */
void run_json(struct buf *, const struct run *);

/* It will not change any more. */
bool run_has_ended(struct str status);

#endif
