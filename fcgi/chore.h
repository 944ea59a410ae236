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
#include "lib/base/arena.h"
#include "lib/base/err.h"

struct chore {
	const char *name;
	const char *about;
	int64_t every_ns;
	void (*run)(const struct service *, struct arena *);
};

/* Whether a chore that comes again and again is in trouble. */
struct chore_trouble {
	const char *begins, *ends; /* the events' names */
	const char *relief;        /* what is said of its end */
	bool is_there;
};

/* One line when it begins, and one when it is over. */
void chore_tell(struct chore_trouble *, enum err, const char *why);

/* Has the janitor do the urgent ones now: a worker waits for one of them. */
void chore_hurry(const struct service *);

#endif
