/*
 * columns: arrays of the same length, for statements that take one per column.
 *
 * Not:    their memory: that is the arena's.
 */
#ifndef IO7_LIB_BASE_COLUMNS_H
#define IO7_LIB_BASE_COLUMNS_H

#include "lib/base/arena.h"
#include "lib/base/opt.h"

struct columns {
	struct arena *mem;
	size_t n;    /* items of each array */
	bool failed; /* an array did not fit into the arena */
};

/* A new array of zeroed items, or NULL. */
void *columns_add(struct columns *, size_t item_size);

/* One of the arrays as a statement's parameter. */
struct array columns_array(const struct columns *, const void *items);

#endif
