/*
 * scoreboard: what every worker is doing and has done, in shared memory.
 *
 * Owns:   a mapped file of one slot per worker; one supervisor holds its lock.
 * Not:    locks between workers: each slot has one writer, its worker. The
 *         supervisor writes to a slot only while no worker has it.
 * Limit:  SCOREBOARD_SLOTS_MAX slots, SCOREBOARD_ROUTES routes. Counters of a
 *         slot are read one by one: two of them may differ by a request.
 */
#ifndef IO7_LIB_SHM_SCOREBOARD_H
#define IO7_LIB_SHM_SCOREBOARD_H

#include "lib/shm/shared_file.h"

#include <stdatomic.h>

enum {
	SCOREBOARD_SLOTS_MAX = 8192,
	SCOREBOARD_ROUTES = 192,
	/* Bucket i counts what took less than 2^i microseconds. */
	SCOREBOARD_BUCKETS = 28,
	SCOREBOARD_CLASSES = 6, /* by hundreds of the status; 0: cut off */
	SCOREBOARD_KINDS = 32,  /* of queued work */
};

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

/* Requests of one account that a worker served without another's in between. */
struct scoreboard_served {
	_Atomic uint64_t account; /* 0: none yet */
	_Atomic int64_t ended_ns; /* when the last one ended */
	_Atomic int64_t took_ns;  /* a moving average */
};

/* How attempts of queued work end. */
enum scoreboard_end {
	END_DONE,
	END_RETRY, /* it failed, and is tried again */
	END_DEAD,  /* it failed for good */
	END_LATER, /* it asked for another time */
	END_COUNT
};

/* The attempts of a kind of queued work. */
struct scoreboard_work {
	scoreboard_counter ends[END_COUNT];
	scoreboard_counter micros;
	scoreboard_counter late; /* microseconds, of first attempts */
};

/* How scheduled times of jobs are decided. */
enum scoreboard_time {
	TIME_QUEUED,
	TIME_LATE, /* queued, to make up for a time that passed */
	TIME_MISSED,
	TIME_SKIPPED,
	TIME_COUNT
};

struct scoreboard_slot {
	_Atomic int32_t pid;
	_Atomic uint32_t pool; /* never changes once it is set */
	_Atomic uint32_t stage;
	_Atomic int32_t route;      /* -1: none */
	_Atomic uint64_t holder;    /* of its stream or scan; 0: none */
	_Atomic uint64_t account;   /* of its last request; 0: none yet */
	_Atomic int64_t account_ns; /* when its account became known */
	/* The last account that it served, and the one before. */
	struct scoreboard_served served[2];
	_Atomic int64_t since_ns;   /* when it entered this stage */
	_Atomic int64_t request_ns; /* when its request began; 0: none */
	scoreboard_counter requests;
	scoreboard_counter by_class[SCOREBOARD_CLASSES];
	scoreboard_counter bytes_in, bytes_out;
	scoreboard_counter micros;
	scoreboard_counter latency[SCOREBOARD_BUCKETS];
	scoreboard_counter by_route[SCOREBOARD_ROUTES];
	scoreboard_counter resident;
	scoreboard_counter log_dropped;
	struct scoreboard_work work[SCOREBOARD_KINDS];
} __attribute__((aligned(64)));

/* The items of a kind in the queue; the janitor writes them. */
struct scoreboard_depth {
	scoreboard_counter waiting, ready, running, dead;
	scoreboard_counter oldest_us; /* how long one has been ready */
};

struct scoreboard_head {
	struct shared_mark mark;
	_Atomic uint32_t slots;
	_Atomic int32_t supervisor;
	_Atomic int64_t started_ns;     /* monotonic */
	_Atomic int64_t storm_until_ns; /* monotonic; 0: there was none */
	uint64_t routes; /* a hash of the tables of routes and kinds */
	scoreboard_counter respawns;
	scoreboard_counter storms;
	/* When the loss of Redis was logged; 0: Redis answers. */
	_Atomic int64_t redis_logged_ns;
	/* When a runner is to look into the queue again, without being asked. */
	_Atomic int64_t work_look_ns;
	struct scoreboard_depth depths[SCOREBOARD_KINDS];
	_Atomic int64_t depths_ns; /* when they were counted; 0: never */
	scoreboard_counter times[TIME_COUNT]; /* any runner adds to them */
} __attribute__((aligned(64)));

struct scoreboard {
	struct scoreboard_head *head;
	struct scoreboard_slot *slots;
	struct shared_file file;
};

/*
 * Replaces the scoreboard at that path. `routes` goes into the head. False with
 * errno: EADDRINUSE while another process holds the old one.
 */
bool scoreboard_create(struct scoreboard *, const char *path, size_t slots,
    uint64_t routes) MUST_CHECK;
/* Adds slots, for all processes that have mapped it. False with errno. */
bool scoreboard_grow(struct scoreboard *, size_t slots) MUST_CHECK;
/*
 * Adds the counters of an older scoreboard to the first slot of each pool, so
 * that no total goes back. Counters by route only if both have the same routes.
 */
void scoreboard_fold(struct scoreboard *, const struct scoreboard *older);
/* Opens a scoreboard to read it. False with errno. */
bool scoreboard_open(struct scoreboard *, const char *path) MUST_CHECK;
/* Releases the lock: another process may replace this scoreboard. */
void scoreboard_let_go(const struct scoreboard *);
/* Deletes the file, unless another scoreboard has replaced it. */
void scoreboard_remove(const struct scoreboard *, const char *path);
void scoreboard_close(struct scoreboard *);

const char *scoreboard_stage_name(enum scoreboard_stage);

/* The number of slots, which never shrinks. */
static inline size_t
scoreboard_slots(const struct scoreboard *s)
{
	return s->head->slots;
}

static inline uint64_t
scoreboard_get(const scoreboard_counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

/* No atomic read-modify-write is needed: a slot has one writer. */
static inline void
scoreboard_add(scoreboard_counter *c, uint64_t n)
{
	atomic_store_explicit(c, scoreboard_get(c) + n, memory_order_relaxed);
}

/* The worker of the slot enters a stage now. */
void scoreboard_enter(struct scoreboard_slot *, enum scoreboard_stage,
    int route);

/* Counts a request that has ended. */
struct scoreboard_request {
	int status; /* 0: the client did not get the whole answer */
	int route;
	uint64_t micros, bytes_in, bytes_out;
};
void scoreboard_count(struct scoreboard_slot *,
    const struct scoreboard_request *);

/* Counts an attempt of queued work that has ended. */
struct scoreboard_attempt {
	size_t kind;
	enum scoreboard_end end;
	uint64_t micros, late;
};
void scoreboard_count_work(struct scoreboard_slot *,
    const struct scoreboard_attempt *);

/* The attempts of a kind in all slots. */
struct scoreboard_work scoreboard_work_of(const struct scoreboard *,
    size_t kind);

/* Frees the slot for the next worker; its counters stay. */
void scoreboard_vacate(struct scoreboard_slot *);

#endif
