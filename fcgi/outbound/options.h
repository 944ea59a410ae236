/*
 * options: the options of outgoing requests.
 */
#ifndef IO7_FCGI_OUTBOUND_OPTIONS_H
#define IO7_FCGI_OUTBOUND_OPTIONS_H

#include "fcgi/options.h"

struct outbound_options {
	const char *allow; /* a list of ranges: lib/net/address.h */
};

extern const struct conf_slice outbound_options;

#endif
