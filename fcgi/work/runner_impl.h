/*
 * runner_impl: what the files of the runner share.
 *
 * An item that was claimed is in the batch or in a process. When its attempt has
 * ended it is an ending, until the database has it.
 */
#ifndef IO7_FCGI_WORK_RUNNER_IMPL_H
#define IO7_FCGI_WORK_RUNNER_IMPL_H

#include "fcgi/work/runner.h"

#include "fcgi/chore.h"
#include "fcgi/work/kinds.h"
#include "fcgi/work/options.h"

#include <sys/types.h>

/* The error of an attempt that was lost, as io7.work_turn() writes it. */
#define RUNNER_LOST "The runner was lost."

/* How often a runner looks for items of other hosts. */
#define RUNNER_LOOK_NS NS_PER_S

enum {
	RUNNER_WHY = 1000, /* bytes of a reason that are kept */
	RUNNER_NAME = 100,
	RUNNER_ENDINGS = RUNNER_BATCH + RUNNER_PROCESSES,
};

/* The end of an attempt. The outcome is named as in io7.work_turn(). */
struct ending {
	int64_t id;
	int32_t attempt;
	const char *outcome;
	int64_t pause_us;
	char why[RUNNER_WHY + 1];
};

/* Why a process was killed. */
enum kill_reason {
	KILL_NOT,
	KILL_LATE, /* it took longer than its time limit */
	KILL_STOP, /* the runner stops */
	KILL_LOST, /* the lease ended: another runner may have the item */
};

/* An item that runs in a process of its own. */
struct apart {
	pid_t pid; /* 0: none */
	int pipe;  /* the process writes a report to it */
	int64_t kill_ns;
	enum kill_reason killed;
	struct arena *mem; /* of the item */
	struct work work;
};

struct runner {
	const struct service *service;
	const struct work_options *opts;
	struct scoreboard_slot *slot;
	int epoll;
	char name[RUNNER_NAME]; /* in the table: the host and the process */

	struct arena *turn_mem; /* of the batch */
	struct arena *item_mem; /* of an item that runs here */
	struct work batch[RUNNER_BATCH];
	size_t batch_n;
	size_t wish; /* how many fit into a batch, by the last ones */
	struct apart apart[RUNNER_PROCESSES];
	size_t apart_n;
	struct ending endings[RUNNER_ENDINGS];
	size_t endings_n;

	struct uuid cursors[WORK_KINDS]; /* the user reached last, by kind */
	size_t first_kind;               /* the first one of the next turn */

	int64_t look_ns;   /* when to look for items */
	int64_t tidied_ns; /* when it looked for due items last */
	int64_t next_ns;   /* when the next waiting item is due */
	int64_t renew_ns;  /* when to renew the leases of processes */
	int64_t lease_ns;  /* when those leases end */
	int64_t retry_ns;  /* when to ask the database again; 0: it answers */
	int64_t pause_ns;
	bool is_woken; /* items may have been added */
	bool is_full;  /* the last turn brought as much as it might */
	bool is_draining;
	struct chore_trouble trouble;
};

/* runner_turn.c: one round trip to the database. False if it is away. */
bool runner_turn(struct runner *);
bool runner_renew(struct runner *);

/* runner_end.c: what becomes of an item. */
void runner_end(struct runner *, struct work *, enum work_outcome);
/* It was not begun, and another runner may have it. */
void runner_give_back(struct runner *, const struct work *);
/* The attempts were used up before this one, which was lost. */
void runner_bury(struct runner *, struct work *);

/* runner_apart.c: items in processes of their own. */
void runner_start(struct runner *, const struct work *);
/* Ends those that have reported or died, and kills those that take too long. */
void runner_collect(struct runner *);
void runner_kill(struct apart *, enum kill_reason);
void runner_kill_all(struct runner *, enum kill_reason);
/* Waits until a process reports or dies. */
void runner_wait(const struct runner *, int64_t deadline_ns);

#endif
