/*
 * chore: background work that runs periodically.
 *
 * Not:    work for one request: that ends with the request.
 * Limit:  a process runs one chore at a time; a slow one delays the others.
 */
#ifndef IO7_FCGI_CHORE_H
#define IO7_FCGI_CHORE_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

struct pool;

struct chore {
	const char *name;
	const char *about;
	int64_t every_ns;
	void (*run)(const struct service *, struct arena *);
	const struct pool *pool; /* whose process runs it; NULL: the janitor */
	bool urgent;             /* also runs when chore_hurry() asks */
};

/* The current problem of a chore, and the events that report it. */
struct chore_trouble {
	const char *begins, *ends; /* the events' names */
	const char *relief;        /* the text of the event that ends it */
	bool is_there;
};

/* Logs one line when a problem begins, and one when it ends. */
void chore_log(struct chore_trouble *, enum err, const char *why);

/* Wakes the pool's process to run its urgent chores, as a worker waits. */
void chore_hurry(const struct service *, const struct pool *);

#endif
