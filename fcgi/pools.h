/*
 * pools: the kinds of processes, and the socket that each serves.
 *
 * Owns:   the list of pools: those of every installation, and those that rooms
 *         bring. A pool's number is its place in the list.
 * Not:    the processes: the supervisor starts and ends them.
 * Limit:  POOLS_MAX pools.
 */
#ifndef IO7_FCGI_POOLS_H
#define IO7_FCGI_POOLS_H

#include "lib/base/base.h"

/*
 * Requests of a pool that may wait for a worker. A wait ends after
 * IO7_QUEUE_TIMEOUT, and a socket must never refuse a connection because its
 * backlog is full: nginx could not tell that from a pool that is down.
 */
enum { POOLS_MAX = 16, POOL_QUEUE = 1024, POOL_BACKLOG = 4096 };

struct conf;
struct conf_slice;

/* The work of the processes of a pool. */
enum pool_run {
	RUN_WORKER,  /* serves requests of the pool's socket */
	RUN_JANITOR, /* runs chores */
	/* Runs chores that must not wait for a slow one; ends last. */
	RUN_FLUSHER,
	RUN_LISTENER, /* listens for changes of credentials on other hosts */
	RUN_RUNNER,   /* runs queued work, and chores that add to it */
	RUN_OTHER,    /* executes another program: pool.become() */
	RUN_COUNT
};

struct pool {
	const char *name, *about;
	enum pool_run run;
	const char *role;   /* in both databases; NULL: it uses none */
	const char *socket; /* below the run directory; NULL: none */
	/*
	 * Of RUN_OTHER: replaces the process by another program, which serves
	 * the listening socket. It ends with exit code 0 by SIGTERM, and at the
	 * end of the control pipe.
	 */
	void (*become)(const struct conf *, int listener, int control);
	/*
	 * Its requests have no time limit. nginx does not buffer the answers,
	 * and lets no request wait for a worker.
	 */
	bool patient;
	/* The option with the number of processes; NULL: exactly one. */
	const struct conf_slice *options;
	size_t workers; /* its offset */
	/* If the option is `auto`: that many for each CPU, and two more. */
	size_t per_cpu;
	/* The offset of the option with the size of a body; 0: IO7_BODY_MAX. */
	size_t body_max;
};

extern const struct pool live_pool, test_pool, stream_pool, status_pool;
extern const struct pool listener_pool, runner_pool, flusher_pool;
extern const struct pool janitor_pool;

/* Adds the pools of a room. */
void pools_add(const struct pool *, size_t n);

extern size_t pools_count;
const struct pool *pool_at(size_t number);
size_t pool_number(const struct pool *);

/* The number of processes of one pool, and of all pools. */
size_t pool_workers(const struct pool *, const struct conf *);
size_t pools_workers(const struct conf *);
/* The maximum size of a body that a handler gets as a whole. */
uint64_t pool_body_max(const struct pool *, const struct conf *);

#endif
