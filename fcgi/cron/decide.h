/*
 * decide: decides what becomes of the scheduled times of a job that have come.
 *
 * A pure function of the job, what was decided before, and the time. Each
 * scheduled time is decided once: it becomes a run, or a record that there was
 * none. A time that came while nothing could decide it, as during a downtime, is
 * late; the job's catch-up rule applies to late times.
 *
 * Not:    the records themselves; nor the queue.
 * Limit:  DECIDE_LISTED times are decided one by one. Earlier ones of the same
 *         decision are one record, which counts up to DECIDE_COUNTED.
 */
#ifndef IO7_FCGI_CRON_DECIDE_H
#define IO7_FCGI_CRON_DECIDE_H

#include "fcgi/cron/rules.h"
#include "lib/base/opt.h"
#include "lib/time/schedule.h"

enum {
	DECIDE_LISTED = 100,
	DECIDE_COUNTED = 1000000,
	/* Runs of a job that have not ended. */
	DECIDE_ACTIVE = 100,
};

/*
 * What was decided later than this after `now` was decided by a clock that was
 * wrong: the job starts anew. A clock that is set back by less repeats nothing.
 */
#define DECIDE_BACK_US (3 * 3600 * US_PER_S)

struct decide_job {
	const struct schedule *schedule;
	const struct zone *zone;
	enum cron_overlap overlap;
	enum cron_catch_up catch_up;
	bool is_heartbeat;
	int64_t grace_us; /* of a heartbeat */

	/* Times up to this one are decided. */
	int64_t decided_us;
	struct opt_int64 beat_us; /* the last heartbeat */
	/* The last one until the next time had to be decided. */
	struct opt_int64 heard_us;
	int64_t active;    /* runs that have not ended */
	bool is_suspended; /* the account may not run jobs */
};

struct decision {
	enum cron_status status; /* queued, missed or skipped */
	enum cron_trigger trigger;
	int64_t due_us;
	int64_t missed;    /* times that it stands for, if it was missed */
	bool waits;        /* for the job's earlier runs */
	const char *error; /* a sentence, or NULL */
};

struct decisions {
	struct decision rows[DECIDE_LISTED + 1]; /* oldest first */
	size_t n;
	int64_t decided_us;
	/* When the next time has to be decided; absent: never. */
	struct opt_int64 next_us;
};

/* Times that came more than tolerance_us ago are late. */
void decide(const struct decide_job *, int64_t now_us, int64_t tolerance_us,
    struct decisions *);

/* When the first time after decided_us has to be decided; absent: never. */
struct opt_int64 decide_next(const struct decide_job *, int64_t decided_us);

#endif
