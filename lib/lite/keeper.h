/*
 * keeper: the process that has one database open, and the messages of keepers,
 * workers and the spawner.
 *
 * Messages are plain structs over unix sockets: all ends are the same program.
 *
 * Owns:   the database's folder, and the connections of workers.
 * Not:    other files: lib/sandbox/sandbox_keeper.h sees to that.
 * Limit:  one thread. While a statement runs, other requests of the same
 *         database wait.
 */
#ifndef IO7_LIB_LITE_KEEPER_H
#define IO7_LIB_LITE_KEEPER_H

#include "lib/lite/hrana.h"
#include "lib/lite/keepers.h"

#include <stdatomic.h>

/* The file of a database, in its folder. */
#define KEEPER_FILE "database"

/* --- Between a worker and a keeper ---------------------------------------- */

enum { KEEPER_BODY_MAX = 64 << 20 };

enum frame_kind {
	/* To the keeper. */
	FRAME_ORDER = 1, /* struct frame_order, then the body */
	FRAME_ALLOW,     /* a byte: 1 if the next statements may run */
	FRAME_FEED,      /* the next bytes of a file to import; none: its end */
	/* To the worker. */
	FRAME_OUTPUT, /* a piece of the answer */
	FRAME_CREDIT,
	FRAME_DONE,  /* struct keeper_result; an export's file comes with it */
	FRAME_FAULT, /* int32_t, an enum err, then the sentence */
	/* The keeper exits, and has not begun an order of this connection. */
	FRAME_GOODBYE,
};

struct frame_head {
	uint32_t kind, bytes;
};

struct frame_order {
	int32_t kind, version;
	uint64_t size_max;
	bool make, may_write;
};

/* --- Between a worker and the spawner ------------------------------------- */

enum spawner_wish { SPAWNER_OPEN = 1, SPAWNER_DROP };

struct spawner_ask {
	uint32_t wish;
	char name[KEEPER_NAME_MAX + 1];
	bool make;
};

/* An OK to SPAWNER_OPEN is followed by a byte with the socket. */
struct spawner_answer {
	int32_t fault; /* enum err */
	bool is_full;  /* no keeper can leave to make room */
};

/* --- Between the spawner and a keeper ------------------------------------- */

/* One byte to the keeper: a new connection comes with it, or it is to leave. */
enum { CONTROL_CONNECTION = 'f', CONTROL_LEAVE = 'l', CONTROL_END = 'e' };

/* To the spawner. */
struct keeper_note {
	bool is_idle; /* the spawner asked for that */
	bool is_bug;
	char log[240]; /* a line for the log, or "" */
};

/* Memory that the spawner and a keeper share. */
struct keeper_slot {
	_Atomic int64_t used_ns; /* when its last request ended */
	/* When the running statement was last seen to advance; 0: none runs. */
	_Atomic int64_t alive_ns;
	_Atomic uint32_t busy;  /* requests and open transactions */
	_Atomic bool is_wanted; /* send a note when it becomes idle */
};

struct filter_program;

struct keeper_start {
	int control; /* a socket of messages to the spawner */
	int folder;
	uint64_t memory, file; /* bytes: of address space, of a file */
	int64_t idle_ns;
	const struct hrana_bounds *bounds;
	const struct hrana_schema *schema;
	const struct filter_program *filter;
	struct keeper_slot *slot;
};

/* The main() of a keeper, after a fork: enters the sandbox, and serves. */
void keeper_run(const struct keeper_start *) NORETURN;

#endif
