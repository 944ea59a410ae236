/*
 * ops_db: a command's connections to both databases, under one role.
 *
 * Owns:   the connections and the memory of the results.
 * Limit:  1 GiB of results between two calls of ops_db_reset().
 */
#ifndef IO7_FCGI_OPS_OPS_DB_H
#define IO7_FCGI_OPS_OPS_DB_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"

struct ops_db {
	const struct options *opts;
	struct arena *mem;
	struct db *db;
	struct db_tx *base[MODE_COUNT];
	struct service service; /* see ops_db_service() */
};

/* The name appears in pg_stat_activity: "io7 migrate". */
void ops_db_open(struct ops_db *, const struct options *, const char *role,
    const char *name);
void ops_db_close(struct ops_db *);

/* The service of a process without requests, for steps of a signup. */
const struct service *ops_db_service(struct ops_db *, const struct conf *);

/* Frees all results read so far. */
void ops_db_reset(struct ops_db *);

/*
 * Sets *why to the reason why the test database must not be emptied: it is the
 * live database, or it holds users as only a live database does. NULL: it may.
 */
enum err ops_db_apart(struct ops_db *, const char **why) MUST_CHECK;

/* The last failure as text: "23503: there is no such user". */
struct ops_db_words {
	char text[640];
};
struct ops_db_words ops_db_words(const struct ops_db *, enum mode, enum err);

/* Ends the process with these words unless the error is OK. */
void ops_db_must(const struct ops_db *, enum mode, enum err, const char *what);

#endif
