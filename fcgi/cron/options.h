/*
 * options: the options of cron jobs.
 */
#ifndef IO7_FCGI_CRON_OPTIONS_H
#define IO7_FCGI_CRON_OPTIONS_H

#include "fcgi/options.h"

struct cron_options {
	int64_t timeout, tolerance, history, compare;
	uint64_t output_max;
};

extern const struct conf_slice cron_options;

#endif
