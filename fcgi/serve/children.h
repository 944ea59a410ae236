/*
 * children: the processes of all pools, and what they write on: the board,
 *         the tally and the notes.
 *
 * Owns:   who is to be there, who is, who leaves and who takes whose place.
 * Not:    when to serve, reload or stop: that is the supervisor's to say.
 * Limit:  what the options say of each pool; while workers are being replaced
 *         one more of each, and those that still have a request to finish.
 */
#ifndef IO7_FCGI_SERVE_CHILDREN_H
#define IO7_FCGI_SERVE_CHILDREN_H

#include "fcgi/pools.h"
#include "fcgi/serve/sockets.h"
#include "lib/shm/error_buffer.h"
#include "lib/shm/scoreboard.h"
#include "lib/shm/usage_journal.h"

#include <sys/types.h>

/* One for each slot of the board. */
struct child {
	pid_t pid;        /* 0: none */
	bool is_wanted;   /* somebody is to be here */
	bool is_leaving;  /* was asked to */
	bool is_killed;   /* by us */
	size_t replaces;  /* the slot that is given up once this one is ready */
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
	struct usage_journal
	    usage_journal; /* as many slots as the board, or more */
	struct error_buffer_slot *errors;
	int nudge;      /* an eventfd: a worker waits for the janitor */
	int control[2]; /* its end of file tells that the supervisor is gone */
	struct child *all;
	size_t n;
	struct old_worker *old_workers;
	size_t n_old_workers;
	unsigned age;
	bool is_draining;
	int64_t
	    last_end_ns; /* when the janitor has had its time; 0: not asked */
	int64_t old_workers_end_ns;
	size_t deaths;
	int64_t deaths_since_ns;
};

enum { NOBODY = SIZE_MAX };

/* Nobody yet, only what they write on. The board keeps a second supervisor out. */
void children_open(struct children *, const struct conf *);
void children_close(struct children *);

/* Starts who is missing, replaces who is outdated, sends off who is too many. */
void children_fit(struct children *, const struct sockets *);
/* All that are wanted are at work, and nobody is outdated. */
bool children_are_settled(const struct children *);
/* Other options: everybody is outdated. */
void children_renew(struct children *, const struct conf *);

/* Takes note of who has ended. The status of a process of another kind. */
struct foreign_child {
	pid_t pid; /* 0: there was none */
	int status;
};
struct foreign_child children_reap(struct children *);
/* Ends those whose request is past its limit. */
void children_end_overdue(struct children *);

void children_signal(const struct children *, int signal);
/* Asks everybody to leave; the janitor, once all others have left. */
void children_drain(struct children *);
/* How many are left; those are ended when it is late. */
size_t children_left(struct children *, bool late);

#endif
