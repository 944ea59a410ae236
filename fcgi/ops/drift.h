/*
 * drift: where a catalog is not what it should be, and how that is told.
 *
 * Owns:   the comparison of two lists of objects, and its words.
 * Not:    where the lists come from.
 * Limit:  of each tenant the first 20 objects are told, and their number.
 */
#ifndef IO7_FCGI_OPS_DRIFT_H
#define IO7_FCGI_OPS_DRIFT_H

#include "fcgi/db/door.h"

struct catalog_objects_row;

/* In the order of catalog_objects. */
struct catalog {
	struct catalog_objects_row *list;
	size_t n;
};

/* What there is of an object, and what there should be; either may be empty. */
struct drift {
	const char *what;
	struct str kind, name, is, should;
};

/* All that was told. */
struct drifts {
	struct arena *mem;
	bool json;
	enum mode mode;
	struct str tenant; /* empty: it is told of the ground */
	size_t n;
};

void drift_tell(struct drifts *, const struct drift *);
void drift_compare(struct drifts *, struct catalog is, struct catalog should);

#endif
