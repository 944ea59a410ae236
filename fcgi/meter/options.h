/*
 * options: the options of the limits.
 *
 * Limits per account are not options: they belong to its plan.
 */
#ifndef IO7_FCGI_METER_OPTIONS_H
#define IO7_FCGI_METER_OPTIONS_H

#include "fcgi/options.h"

struct meter_options {
	uint64_t address_limit;
};

extern const struct conf_slice meter_options;

#endif
