/*
 * process: what a process of a pool inherits, and how it starts, waits and
 * ends.
 *
 * Not:    what the process does in between: worker and chores do that.
 */
#ifndef IO7_FCGI_SERVE_PROCESS_H
#define IO7_FCGI_SERVE_PROCESS_H

#include "fcgi/pools.h"
#include "fcgi/service.h"

struct process {
	const struct conf *conf;
	const struct options *opts;
	const struct pool *pool;
	struct scoreboard *scoreboard;
	struct scoreboard_slot *slot;
	struct usage_journal_slot *usage_journal;
	struct error_buffer_slot *errors, *all_errors;
	struct epochs *epochs;
	struct lease_table *leases;
	int listener;    /* -1: the pool has no socket */
	const int *wake; /* by pool: an eventfd that wakes its process */
	int control;     /* reads the end of file when the supervisor is gone */
};

/* Sets name, signal handlers, slot. The supervisor's signals stay blocked. */
void process_begin(const struct process *);

/*
 * Waits for the set or the deadline, with the signals unblocked. True when what
 * the process waits for may be ready, false after a signal or the deadline.
 */
bool process_wait(const struct process *, int epoll, int64_t deadline_ns);

/* True after SIGTERM, or if the supervisor is gone. */
bool process_is_ending(void);

/* An epoll set of the control pipe and of fd; -1: the pipe alone. */
int process_epoll(const struct process *, int fd);
/* Adds a socket whose end makes process_wait() return. */
void process_watch_end(int epoll, int fd);

/* The resources of requests and chores. The caller frees the db. */
struct service process_service(const struct process *);

void process_end(const struct process *) NORETURN;

/* Becomes the other program of a pool of RUN_OTHER, which counts as ready. */
void process_become(const struct process *) NORETURN;

#endif
