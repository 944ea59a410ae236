/*
 * work_kind: a kind of queued work: what runs its items, and by which rules.
 *
 * A room lists its kinds in its struct room. fcgi/work/ keeps the items and
 * runs them.
 *
 * Limit:  an item may run twice, if a process dies or the database is away after
 *         it ran: the second time, work->attempt is greater than 1.
 */
#ifndef IO7_FCGI_WORK_KIND_H
#define IO7_FCGI_WORK_KIND_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/base/str.h"
#include "lib/base/uuid.h"

struct work_kind;

/* One attempt to run an item. */
struct work {
	const struct service *service;
	struct arena *mem;
	const struct work_kind *kind;
	int64_t id;
	struct uuid user; /* all zero: work of the program itself */
	bool is_test;     /* the mode of the user's data */
	struct str args;  /* as it was queued, JSON */
	int64_t due_us;   /* when it was to run first, wall clock */
	int attempt;      /* from 1 */
	bool is_last;     /* a failure is not tried again */
	struct str error; /* of the last attempt that failed; no p: none did */
	int64_t deadline_ns;

	/* Set by the handler. */
	const char *why;  /* of a failure; the owner may read it */
	int64_t pause_us; /* before the next attempt; 0: by the rule */
};

enum work_outcome {
	WORK_DONE,
	WORK_FAILED,  /* is tried again, until the attempts are used up */
	WORK_REFUSED, /* failed for good */
	WORK_LATER,   /* after pause_us, without counting this attempt */
};

struct work_kind {
	const char *name; /* "ROOM.WHAT" */
	const char *about;
	enum work_outcome (*run)(struct work *);
	/*
	 * May wait for something that is slow, such as another host: each item runs
	 * in a process of its own, which is killed soon after the time limit. It has
	 * its own connections to the databases, and neither the usage journal nor the
	 * error buffer, which have one writer each: the runner.
	 */
	bool apart;
	/*
	 * Of a kind apart, in the runner, before each attempt; NULL: nothing. What it
	 * returns other than WORK_DONE ends the attempt.
	 */
	enum work_outcome (*begin)(struct work *);
	/*
	 * In the runner, when an item has failed for good, also because its process
	 * or its runner died; NULL: nothing. It may run twice.
	 */
	void (*dead)(struct work *);
	int64_t timeout_ns; /* at most WORK_HERE_NS, unless it runs apart */
	int attempts;       /* in all */
	/* The first pause; each further one is twice as long, up to the limit. */
	int64_t pause_ns, pause_max_ns;
	/* At once, on all hosts; 0: as many as possible. */
	int per_user, in_all;
};

/* Items that run in the runner keep it from everything else. */
#define WORK_HERE_NS (20 * NS_PER_S)

#endif
