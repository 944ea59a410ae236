/*
 * ops_db: how a command gets at both databases, as one role.
 *
 * Owns:   a connection to either, and memory for what they tell.
 * Not:    for what runs beside requests: nothing here is in a hurry.
 * Limit:  1 GiB between two calls of access_reset().
 */
#ifndef IO7_FCGI_OPS_OPS_DB_H
#define IO7_FCGI_OPS_OPS_DB_H

#include "fcgi/db/door.h"

struct ops_db {
	const struct options *opts;
	struct arena *mem;
	struct db *db;
	struct db_tx *base[MODE_COUNT];
};

/* Name is what pg_stat_activity shows: "io7 migrate". */
void ops_db_open(struct ops_db *, const struct options *, const char *role,
    const char *name);
void ops_db_close(struct ops_db *);

/* Forgets all that was read so far. */
void ops_db_reset(struct ops_db *);

/*
 * Why the test database may not be wiped, into `why`: it is the live one, or it
 * keeps users as a live one does. NULL where neither is so.
 */
enum err ops_db_apart(struct ops_db *, const char **why) MUST_CHECK;

/* "23503: there is no such user", or what the connection suffers from. */
struct ops_db_words {
	char text[640];
};
struct ops_db_words ops_db_words(const struct ops_db *, enum mode, enum err);

/* Ends the process with these words, unless all is well. */
void ops_db_must(const struct ops_db *, enum mode, enum err, const char *what);

#endif
