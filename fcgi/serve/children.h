/*
 * children: the processes of all pools, and their shared memory: scoreboard,
 *           usage journals and error buffer.
 *
 * Owns:   which processes are wanted, which run, and which one replaces which.
 * Not:    when to serve, reload or stop: the supervisor decides that.
 * Limit:  as many processes as the options say; while they are being replaced
 *         one more of each pool, and those that finish a request.
 */
#ifndef IO7_FCGI_SERVE_CHILDREN_H
#define IO7_FCGI_SERVE_CHILDREN_H

#include "fcgi/pools.h"
#include "fcgi/serve/sockets.h"
#include "lib/shm/epoch.h"
#include "lib/shm/error_buffer.h"
#include "lib/shm/lease_table.h"
#include "lib/shm/scoreboard.h"
#include "lib/shm/usage_journal.h"

#include <sys/types.h>

/* One for each slot of the scoreboard. */
struct child {
	pid_t pid;        /* 0: none */
	bool is_wanted;   /* a process is to run here */
	bool is_leaving;  /* was asked to leave */
	bool is_killed;   /* by us */
	size_t replaces;  /* the slot to give up once this one is ready */
	unsigned age;     /* of the options that it was started with */
	unsigned strikes; /* deaths, each soon after the one before */
	int64_t born_ns, respawn_ns;
};

/* A process that an earlier program started, before it became this one. */
struct old_worker {
	pid_t pid;
	size_t pool;
};

struct children {
	const struct conf *conf;
	const struct options *opts;
	const struct sockets *sockets;
	struct scoreboard scoreboard;
	char scoreboard_path[160];
	/* Has at least as many slots as the scoreboard. */
	struct usage_journal usage_journal;
	struct error_buffer_slot *errors;
	struct epochs *epochs;
	struct lease_table *leases;
	int wake[POOLS_MAX]; /* eventfds of the pools that run chores, or -1 */
	int control[2]; /* reads the end of file when the supervisor is gone */
	struct child *all;
	size_t n;
	struct old_worker *old_workers;
	size_t n_old_workers;
	int64_t old_workers_end_ns;
	unsigned age;
	bool is_draining;
	int64_t last_end_ns; /* the flusher's deadline; 0: not asked yet */
	size_t deaths;
	int64_t deaths_since_ns;
};

enum { NO_PLACE = SIZE_MAX };

/*
 * Creates the shared memory and starts no process. Fails where another
 * supervisor has the scoreboard.
 */
void children_open(struct children *, const struct conf *);
void children_close(struct children *);

/* Starts missing processes, replaces outdated ones, ends surplus ones. */
void children_fit(struct children *, const struct sockets *);
/* True if all wanted processes are ready, and none is outdated. */
bool children_are_settled(const struct children *);
/* Takes new options, which make all processes outdated. */
void children_renew(struct children *, const struct conf *);

void children_signal(const struct children *, int signal);
/* Asks all processes to leave; the flusher, once all others have left. */
void children_drain(struct children *);
/* Returns how many are left. If it is late, kills them. */
size_t children_left(struct children *, bool late);

#endif
