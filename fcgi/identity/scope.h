/*
 * scope: the permissions of a credential, as bits and by name.
 *
 * Owns:   the names.
 * Not:    what a route requires: that is in its row.
 */
#ifndef IO7_FCGI_IDENTITY_SCOPE_H
#define IO7_FCGI_IDENTITY_SCOPE_H

#include "lib/base/opt.h"

enum scope {
	SCOPE_READ = 1 << 0,
	SCOPE_WRITE = 1 << 1,
	SCOPE_ADMIN = 1 << 2,
	/* Full access. The scopes below permit parts of it. */
	SCOPE_ALL = SCOPE_READ | SCOPE_WRITE | SCOPE_ADMIN,
	/* The user database, and nothing else. */
	SCOPE_DATABASE = 1 << 3,
	SCOPE_DATABASE_READ = 1 << 4,
};

enum { SCOPE_COUNT = 5 };

/* Ends with NULL; the i-th name is that of bit 1 << i. */
extern const char *const scope_names[SCOPE_COUNT + 1];

/* True if the user database may be read; if it may be written. */
bool scope_reads_database(unsigned scopes);
bool scope_writes_database(unsigned scopes);

/* The bit of a name; 0 if it is unknown. */
unsigned scope_of(struct str name);
/* The bits of a list: "read write". Unknown names are ignored. */
unsigned scopes_of(struct str names);
/* Their names as a statement's parameter; `names` holds them. */
struct array scope_list(unsigned scopes, struct str names[SCOPE_COUNT]);
/* As a JSON list. */
void buf_scopes(struct buf *, unsigned scopes);

#endif
