/*
 * chore: background work, what it is and how often it is done.
 *
 * Owns:   nothing; the rooms have the rows, the janitor does them.
 * Not:    work for one request: that ends with the request.
 * Limit:  one chore at a time; a slow one delays the others.
 */
#ifndef IO7_FCGI_CHORE_H
#define IO7_FCGI_CHORE_H

#include "fcgi/service.h"
#include "lib/arena.h"

struct chore {
	const char *name;
	const char *about;
	int64_t every_ns;
	void (*run)(const struct service *, struct arena *);
};

/* Has the janitor do the urgent ones now: a worker waits for one of them. */
void chore_hurry(const struct service *);

#endif
