/*
 * Comparisons have a limit in all, so that slow databases leave processes to runs.
 * One that fails is queued again by its chore.
 */
#include "fcgi/cron/kinds.h"

enum { RUNS_AT_ONCE = 8, COMPARISONS_AT_ONCE = 4, ATTEMPTS = 1 };

const struct work_kind cron_kinds[CRON_KINDS] = {
	[CRON_RUN] = { .name = "cron.run",
	    .about = "runs the command of a job",
	    .run = run_work,
	    .dead = run_work_dead,
	    .apart = true,
	    .timeout_ns = 300 * NS_PER_S,
	    .attempts = ATTEMPTS,
	    .pause_ns = 10 * NS_PER_S,
	    .pause_max_ns = 3600 * NS_PER_S,
	    .per_user = RUNS_AT_ONCE },
	[CRON_COMPARE] = { .name = "cron.compare",
	    .about = "compares the jobs in a user database with the index",
	    .run = compare_work,
	    .dead = compare_work_dead,
	    .apart = true,
	    .timeout_ns = 15 * NS_PER_S,
	    .attempts = ATTEMPTS,
	    .pause_ns = 10 * NS_PER_S,
	    .pause_max_ns = 10 * NS_PER_S,
	    .per_user = 1,
	    .in_all = COMPARISONS_AT_ONCE },
};
