/*
 * The options of cron jobs.
 */
#include "fcgi/cron/options.h"

#define AT(field) .offset = offsetof(struct cron_options, field)

static const struct conf_option rows[] = {
	{ "IO7_CRON_TOLERANCE", CONF_DURATION, "60s",
	    "How late a run of a job may start and still count as on time. The"
	    " catch-up rule of the job applies to later ones.",
	    AT(tolerance), .min = 2 * NS_PER_S, .max = 3600 * NS_PER_S },
	{ "IO7_CRON_TIMEOUT", CONF_DURATION, "60s",
	    "Maximum time of an attempt to run a job.", AT(timeout),
	    .min = 5 * NS_PER_S, .max = 300 * NS_PER_S },
	{ "IO7_CRON_HISTORY", CONF_DURATION, "720h",
	    "Time after which a run of a job is deleted from the history.",
	    AT(history), .min = 3600 * NS_PER_S,
	    .max = INT64_C(8760) * 3600 * NS_PER_S },
	{ "IO7_CRON_OUTPUT_MAX", CONF_BYTES, "16M",
	    "Maximum size of the stored outputs of the runs of an account. The"
	    " oldest are dropped.",
	    AT(output_max), .min = 64 << 10, .max = UINT64_C(64) << 30 },
	{ "IO7_CRON_COMPARE", CONF_DURATION, "24h",
	    "Time after which the jobs in a user database are compared with the"
	    " index of what is due, even if nothing is known to have changed.",
	    AT(compare), .min = 60 * NS_PER_S,
	    .max = INT64_C(8760) * 3600 * NS_PER_S },
};

const struct conf_slice cron_options = CONF_SLICE(rows, struct cron_options);
