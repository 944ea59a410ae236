/*
 * pools: the kinds of processes, and the socket that each serves.
 *
 * Owns:   the table, and which slots of the board are whose.
 * Not:    the processes: the supervisor starts and ends them.
 * Limit:  none.
 */
#ifndef IO7_FCGI_POOLS_H
#define IO7_FCGI_POOLS_H

#include "fcgi/options.h"

struct pool {
	const char *name;
	const char *socket; /* below the run directory; NULL: serves none */
	size_t workers;     /* offset of the option; POOL_ONE: a single one */
	bool patient;       /* its requests have no time limit */
	bool runs_programs; /* its workers have a nursery of jq */
	const char *role;   /* in both databases */
	const char *about;
};

enum { POOL_ONE = 0, POOLS_MAX = 8 };

extern const struct pool pools[];
extern const size_t pools_count;

size_t pool_workers(const struct pool *, const struct options *);
/* All pools together: the slots of a board. */
size_t pools_workers(const struct options *);

#endif
