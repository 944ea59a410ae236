/*
 * drift: compares two lists of catalog objects and reports the differences.
 *
 * Not:    reading the lists; see migrate_check.c.
 * Limit:  20 differences per tenant are listed, further ones only counted.
 */
#ifndef IO7_FCGI_OPS_DRIFT_H
#define IO7_FCGI_OPS_DRIFT_H

#include "fcgi/db/door.h"

struct catalog_objects_row;

/* Sorted as the statement catalog_objects sorts. */
struct catalog {
	struct catalog_objects_row *list;
	size_t n;
};

/* The definition an object has and the one it should have; may be empty. */
struct drift {
	const char *what;
	struct str kind, name, is, should;
};

/* The report, and what its next lines are about. */
struct drifts {
	struct arena *mem;
	bool json;
	enum mode mode;
	struct str tenant; /* empty: the schemas io7 and app */
	size_t n;
};

void drift_report(struct drifts *, const struct drift *);
void drift_compare(struct drifts *, struct catalog is, struct catalog should);

#endif
