/*
 * opt: values that may be absent, and arrays of values.
 *
 * A JSON body is bound to these types and a statement takes them, so that a
 * handler passes on what it was sent. A text that may be absent is a struct
 * str whose p is NULL.
 */
#ifndef IO7_LIB_BASE_OPT_H
#define IO7_LIB_BASE_OPT_H

#include "lib/base/uuid.h"

struct opt_uuid {
	bool is;
	struct uuid v;
};
struct opt_bool {
	bool is;
	bool v;
};
struct opt_int32 {
	bool is;
	int32_t v;
};
struct opt_int64 {
	bool is;
	int64_t v;
};
struct opt_double {
	bool is;
	double v;
};

/* n items of one C type; borrowed. */
struct array {
	const void *items;
	size_t n;
};

#endif
