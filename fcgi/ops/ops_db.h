/*
 * access: how a command gets at both databases, as one role.
 *
 * Owns:   a connection to either, and memory for what they tell.
 * Not:    for what runs beside requests: nothing here is in a hurry.
 * Limit:  1 GiB between two calls of access_reset().
 */
#ifndef IO7_FCGI_OPS_OPS_DB_H
#define IO7_FCGI_OPS_OPS_DB_H

#include "fcgi/db/door.h"

struct access {
	const struct options *opts;
	struct arena *mem;
	struct bases *bases;
	struct base_tx *base[MODE_COUNT];
};

/* Name is what pg_stat_activity shows: "io7 migrate". */
void access_open(struct access *, const struct options *, const char *role,
    const char *name);
void access_close(struct access *);

/* Forgets all that was read so far. */
void access_reset(struct access *);

/*
 * Why the test database may not be wiped, into `why`: it is the live one, or it
 * keeps users as a live one does. NULL where neither is so.
 */
enum err access_apart(struct access *, const char **why) MUST_CHECK;

/* "23503: there is no such user", or what the connection suffers from. */
struct access_words {
	char text[640];
};
struct access_words access_words(const struct access *, enum mode, enum err);

/* Ends the process with these words, unless all is well. */
void access_must(const struct access *, enum mode, enum err, const char *what);

#endif
