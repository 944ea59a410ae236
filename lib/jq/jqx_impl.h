/*
 * jqx_impl: what a worker, its nursery, a zygote and a run say to each other.
 *
 * Owns:   nothing; plain structs over unix sockets between our own processes.
 * Not:    a format that lasts: all ends are the same program.
 * Limit:  none.
 */
#ifndef IO7_LIB_JQ_JQX_IMPL_H
#define IO7_LIB_JQ_JQX_IMPL_H

#include "lib/jq/jqx.h"

enum {
	/* A zygote finds its orders there, and the descriptors of a run. */
	JQX_ORDERS = 3,
	JQX_DATA = 4,
	JQX_LEASH = 5,
	JQX_TROUBLE_MAX = 4096,
};

/* The first order, followed by the program. */
struct jqx_hello {
	int64_t wall_ns;
	uint64_t memory, output;
	uint64_t program_bytes;
};

/*
 * Each further order is a byte with two descriptors; over the first, the data,
 * come these bytes and then the value. The other is the leash: when its other
 * end is closed, the run ends.
 */
struct jqx_task {
	uint64_t value_bytes;
};

/*
 * What a zygote says of its program, and what a run writes. After each run the
 * zygote writes how it ended, an int as wait() gives it.
 */
enum jqx_kind {
	JQX_SAYS_OUTPUT = 1,
	JQX_SAYS_DONE,
	JQX_SAYS_TROUBLE, /* with jq's words */
	JQX_SAYS_MEMORY,
	JQX_SAYS_TOO_MUCH, /* output */
};

struct jqx_frame {
	uint32_t kind, bytes;
};

#endif
