/*
 * jqx_impl: the messages between a worker, its spawner, a zygote and a run.
 *
 * They are plain structs over unix sockets: both ends are the same program.
 *
 * Not:    for other files, which include jqx.h.
 */
#ifndef IO7_LIB_JQ_JQX_IMPL_H
#define IO7_LIB_JQ_JQX_IMPL_H

#include "lib/jq/jqx.h"

enum {
	/* The descriptors of a zygote; the last two are those of a run. */
	JQX_ORDERS = 3,
	JQX_DATA = 4,
	JQX_LEASH = 5,
	JQX_TROUBLE_MAX = 4096,
};

/* The first message to a zygote, followed by the program. */
struct jqx_hello {
	int64_t wall_ns;
	uint64_t memory, output;
	uint64_t program_bytes;
};

/*
 * Each further order is a byte with two descriptors, which the run that waits
 * receives: JQX_DATA, over which it reads these bytes and then the value, and
 * JQX_LEASH, which ends the run when its other end is closed.
 */
struct jqx_task {
	uint64_t value_bytes;
};

/*
 * Frames from a zygote about its program, and from a run. After each run the
 * zygote writes its wait status, an int.
 */
enum jqx_kind {
	JQX_SAYS_OUTPUT = 1,
	JQX_SAYS_DONE,
	JQX_SAYS_TROUBLE,  /* with the message of jq */
	JQX_SAYS_MEMORY,   /* out of memory */
	JQX_SAYS_TOO_MUCH, /* output too large */
};

struct jqx_frame {
	uint32_t kind, bytes;
};

#endif
