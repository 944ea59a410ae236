/*
 * The options of queued work.
 */
#include "fcgi/work/options.h"

#include "fcgi/work/runner.h"

#define AT(field) .offset = offsetof(struct work_options, field)

#define DAY_NS (24 * 3600 * NS_PER_S)

static const struct conf_option rows[] = {
	{ "IO7_RUNNER_PROCESSES", CONF_NUMBER, "8",
	    "Maximum number of items that a runner runs at the same time, each in"
	    " a process of its own.",
	    AT(processes), .min = 1, .max = RUNNER_PROCESSES },
	{ "IO7_WORK_LEASE", CONF_DURATION, "60s",
	    "Time after which an item of a runner that no longer answers is run"
	    " again. A runner that cannot reach the database for that long gives"
	    " up what it runs.",
	    AT(lease), .min = NS_PER_S, .max = 3600 * NS_PER_S },
	{ "IO7_WORK_DONE_AGE", CONF_DURATION, "24h",
	    "Time for which finished items are kept.", AT(done_age),
	    .max = 1000 * DAY_NS },
	{ "IO7_WORK_DONE_MAX", CONF_NUMBER, "100000",
	    "Maximum number of finished items that are kept.", AT(done_max),
	    .max = 100000000 },
	{ "IO7_WORK_DEAD_AGE", CONF_DURATION, "720h",
	    "Time for which items that failed for good are kept.", AT(dead_age),
	    .max = 1000 * DAY_NS },
	{ "IO7_WORK_DEAD_MAX", CONF_NUMBER, "100000",
	    "Maximum number of items that failed for good and are kept.",
	    AT(dead_max), .max = 100000000 },
};

const struct conf_slice work_options = CONF_SLICE(rows, struct work_options);
