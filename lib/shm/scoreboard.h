/*
 * scoreboard: what every worker is doing and has done, in shared memory.
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
	SCOREBOARD_ROUTES = 192,
	/* Bucket i counts what took less than 2^i microseconds. */
	SCOREBOARD_BUCKETS = 28,
	SCOREBOARD_CLASSES = 6, /* by hundreds of the status; 0: cut off */
};

/* So many may be mapped; so many as there are may be touched. */
enum { SCOREBOARD_SLOTS_MAX = 8192 };

/* The pool of a slot that no worker has had yet. */
#define SCOREBOARD_NO_POOL UINT32_MAX

enum scoreboard_stage {
	STAGE_VACANT,
	STAGE_STARTING,
	STAGE_IDLE,
	STAGE_READING,
	STAGE_WORKING,
	STAGE_WRITING,
	STAGE_LEAVING,
	STAGE_COUNT
};

typedef _Atomic uint64_t scoreboard_counter;

struct scoreboard_slot {
	_Atomic int32_t pid;
	_Atomic uint32_t pool; /* for good, once it has one */
	_Atomic uint32_t stage;
	_Atomic int32_t route;      /* -1: none */
	_Atomic uint64_t holder;    /* of the stream that it serves; 0: none */
	_Atomic int64_t since_ns;   /* in this stage */
	_Atomic int64_t request_ns; /* begin of its request; 0: none */
	scoreboard_counter requests;
	scoreboard_counter by_class[SCOREBOARD_CLASSES];
	scoreboard_counter bytes_in, bytes_out;
	scoreboard_counter micros;
	scoreboard_counter latency[SCOREBOARD_BUCKETS];
	scoreboard_counter by_route[SCOREBOARD_ROUTES];
	scoreboard_counter resident;
	scoreboard_counter log_dropped;
} __attribute__((aligned(64)));

struct scoreboard_head {
	char magic[8];
	uint32_t layout; /* bytes of head and slot: another program's differ */
	_Atomic uint32_t slots;
	_Atomic int32_t supervisor;
	_Atomic int64_t started_ns;     /* monotonic */
	_Atomic int64_t storm_until_ns; /* monotonic; 0: there was none */
	uint64_t routes; /* tells one table of routes from another */
	scoreboard_counter respawns;
	scoreboard_counter storms;
	_Atomic int64_t
	    redis_told_ns; /* when its absence was logged; 0: it is there */
} __attribute__((aligned(64)));

struct scoreboard {
	struct scoreboard_head *head;
	struct scoreboard_slot *slots;
	int fd; /* -1: to read only */
};

/*
 * A new board in place of any old one. False with errno, EADDRINUSE while
 * another process holds the old one; routes goes into the head.
 */
bool scoreboard_create(struct scoreboard *, const char *path, size_t slots,
    uint64_t routes) MUST_CHECK;
/* More slots, for all who have it mapped. False with errno. */
bool scoreboard_grow(struct scoreboard *, size_t slots) MUST_CHECK;
/*
 * Adds what an older board has counted to the first slot of each pool, so that
 * no counter falls back; by route only where the routes are the same.
 */
void scoreboard_fold(struct scoreboard *, const struct scoreboard *older);
/* A board that is there, to read only. False with errno. */
bool scoreboard_open(struct scoreboard *, const char *path) MUST_CHECK;
/* From now on another process may put its own in the place of this one. */
void scoreboard_let_go(const struct scoreboard *);
/* Takes the file away, unless another board has its place. */
void scoreboard_remove(const struct scoreboard *, const char *path);
void scoreboard_close(struct scoreboard *);

const char *scoreboard_stage_name(enum scoreboard_stage);

/* How many slots there are now; never fewer than before. */
static inline size_t
scoreboard_slots(const struct scoreboard *b)
{
	return b->head->slots;
}

static inline uint64_t
scoreboard_get(const scoreboard_counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

/* Not a read-modify-write: the slot has one writer. */
static inline void
scoreboard_add(scoreboard_counter *c, uint64_t n)
{
	atomic_store_explicit(c, scoreboard_get(c) + n, memory_order_relaxed);
}

/* The worker of a slot enters a stage; the time of that is kept with it. */
void scoreboard_enter(struct scoreboard_slot *, enum scoreboard_stage,
    int route);

/* A request is done: all its counters at once. */
struct scoreboard_request {
	int status; /* 0: the client never had the answer */
	int route;
	uint64_t micros, bytes_in, bytes_out;
};
void scoreboard_count(struct scoreboard_slot *,
    const struct scoreboard_request *);

/* The slot is free for the next worker; its counters stay. */
void scoreboard_vacate(struct scoreboard_slot *);

#endif
