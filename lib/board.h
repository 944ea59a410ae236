/*
 * board: what every worker is doing and has done, in shared memory.
 *
 * Owns:   a mapped file of one slot per worker.
 * Not:    locks: each slot has one writer, its worker; the supervisor writes
 *         to a slot only while no worker has it.
 * Limit:  BOARD_ROUTES different routes; a reader may see two counters of one
 *         slot a request apart.
 */
#ifndef IO7_LIB_BOARD_H
#define IO7_LIB_BOARD_H

#include "lib/base.h"

#include <stdatomic.h>

enum {
	BOARD_ROUTES = 192,
	/* Bucket i counts what took less than 2^i microseconds. */
	BOARD_BUCKETS = 28,
	BOARD_CLASSES = 6, /* by hundreds of the status; 0: cut off */
};

enum board_stage {
	STAGE_VACANT,
	STAGE_STARTING,
	STAGE_IDLE,
	STAGE_READING,
	STAGE_WORKING,
	STAGE_WRITING,
	STAGE_LEAVING,
	STAGE_COUNT
};

typedef _Atomic uint64_t board_counter;

struct board_slot {
	_Atomic int32_t pid;
	_Atomic uint32_t pool;
	_Atomic uint32_t stage;
	_Atomic int32_t route;      /* -1: none */
	_Atomic int64_t since_ns;   /* in this stage */
	_Atomic int64_t request_ns; /* begin of its request; 0: none */
	board_counter requests;
	board_counter by_class[BOARD_CLASSES];
	board_counter bytes_in, bytes_out;
	board_counter micros;
	board_counter latency[BOARD_BUCKETS];
	board_counter by_route[BOARD_ROUTES];
	board_counter resident;
	board_counter log_dropped;
} __attribute__((aligned(64)));

struct board_head {
	char magic[8];
	uint32_t layout; /* bytes of a slot: another program's board differs */
	uint32_t slots;
	_Atomic int32_t supervisor;
	_Atomic int64_t started_ns; /* monotonic */
	board_counter respawns;
	board_counter storms;
} __attribute__((aligned(64)));

struct board {
	struct board_head *head;
	struct board_slot *slots;
	size_t n;
};

/* A new board in place of any old one. False with errno. */
bool board_create(struct board *, const char *path, size_t slots) MUST_CHECK;
/* The board of a running supervisor, to read only. False with errno. */
bool board_open(struct board *, const char *path) MUST_CHECK;
void board_close(struct board *);

const char *board_stage_name(enum board_stage);

static inline uint64_t
board_get(const board_counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

/* Not a read-modify-write: the slot has one writer. */
static inline void
board_add(board_counter *c, uint64_t n)
{
	atomic_store_explicit(c, board_get(c) + n, memory_order_relaxed);
}

/* The worker of a slot enters a stage; the time of that is kept with it. */
void board_enter(struct board_slot *, enum board_stage, int route);

/* A request is done: all its counters at once. */
struct board_request {
	int status; /* 0: the client never had the answer */
	int route;
	uint64_t micros, bytes_in, bytes_out;
};
void board_count(struct board_slot *, const struct board_request *);

/* The slot is free for the next worker; its counters stay. */
void board_vacate(struct board_slot *);

#endif
