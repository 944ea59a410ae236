/*
 * board: what every worker is doing and has done, in shared memory.
 *
 * Owns:   a mapped file of one slot per worker, which one supervisor holds.
 * Not:    locks between workers: each slot has one writer, its worker; the
 *         supervisor writes to a slot only while no worker has it.
 * Limit:  BOARD_SLOTS_MAX slots, BOARD_ROUTES different routes; a reader may see two counters of one
 *         slot a request apart.
 */
#ifndef IO7_LIB_SHM_SCOREBOARD_H
#define IO7_LIB_SHM_SCOREBOARD_H

#include "lib/base/base.h"

#include <stdatomic.h>

enum {
	BOARD_ROUTES = 192,
	/* Bucket i counts what took less than 2^i microseconds. */
	BOARD_BUCKETS = 28,
	BOARD_CLASSES = 6, /* by hundreds of the status; 0: cut off */
};

/* So many may be mapped; so many as there are may be touched. */
enum { BOARD_SLOTS_MAX = 8192 };

/* The pool of a slot that no worker has had yet. */
#define BOARD_NO_POOL UINT32_MAX

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
	_Atomic uint32_t pool; /* for good, once it has one */
	_Atomic uint32_t stage;
	_Atomic int32_t route;      /* -1: none */
	_Atomic uint64_t holder;    /* of the stream that it serves; 0: none */
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
	uint32_t layout; /* bytes of head and slot: another program's differ */
	_Atomic uint32_t slots;
	_Atomic int32_t supervisor;
	_Atomic int64_t started_ns;     /* monotonic */
	_Atomic int64_t storm_until_ns; /* monotonic; 0: there was none */
	uint64_t routes; /* tells one table of routes from another */
	board_counter respawns;
	board_counter storms;
	_Atomic int64_t
	    redis_told_ns; /* when its absence was logged; 0: it is there */
} __attribute__((aligned(64)));

struct board {
	struct board_head *head;
	struct board_slot *slots;
	int fd; /* -1: to read only */
};

/*
 * A new board in place of any old one. False with errno, EADDRINUSE while
 * another process holds the old one; routes goes into the head.
 */
bool board_create(struct board *, const char *path, size_t slots,
    uint64_t routes) MUST_CHECK;
/* More slots, for all who have it mapped. False with errno. */
bool board_grow(struct board *, size_t slots) MUST_CHECK;
/*
 * Adds what an older board has counted to the first slot of each pool, so that
 * no counter falls back; by route only where the routes are the same.
 */
void board_fold(struct board *, const struct board *older);
/* A board that is there, to read only. False with errno. */
bool board_open(struct board *, const char *path) MUST_CHECK;
/* From now on another process may put its own in the place of this one. */
void board_let_go(const struct board *);
/* Takes the file away, unless another board has its place. */
void board_remove(const struct board *, const char *path);
void board_close(struct board *);

const char *board_stage_name(enum board_stage);

/* How many slots there are now; never fewer than before. */
static inline size_t
board_slots(const struct board *b)
{
	return b->head->slots;
}

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
