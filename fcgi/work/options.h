/*
 * options: the options of queued work.
 */
#ifndef IO7_FCGI_WORK_OPTIONS_H
#define IO7_FCGI_WORK_OPTIONS_H

#include "fcgi/options.h"

struct work_options {
	uint64_t processes;
	int64_t lease;
	int64_t done_age, dead_age;
	uint64_t done_max, dead_max;
};

extern const struct conf_slice work_options;

#endif
