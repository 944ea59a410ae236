/*
 * scope: what a credential may do, as bits and by name.
 *
 * Owns:   the names.
 * Not:    what a route asks for: that stands in its row.
 * Limit:  none.
 */
#ifndef IO7_FCGI_IDENTITY_SCOPE_H
#define IO7_FCGI_IDENTITY_SCOPE_H

#include "lib/base/opt.h"

enum scope {
	SCOPE_READ = 1 << 0,
	SCOPE_WRITE = 1 << 1,
	SCOPE_ADMIN = 1 << 2,
	SCOPE_ALL = SCOPE_READ | SCOPE_WRITE | SCOPE_ADMIN,
};

enum { SCOPE_COUNT = 3 };

/* Ended by a NULL; the i-th is that of the bit 1 << i. */
extern const char *const scope_names[SCOPE_COUNT + 1];

/* The bit of a name; 0 for none of them. */
unsigned scope_of(struct str name);
/* Those of a list: "read write". Names that are none count for nothing. */
unsigned scopes_of(struct str names);
/* Their names, as a parameter of a statement; `names` is where they lie. */
struct array scope_list(unsigned scopes, struct str names[SCOPE_COUNT]);
/* As a JSON list. */
void buf_scopes(struct buf *, unsigned scopes);

#endif
