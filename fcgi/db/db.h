/*
 * db: the connections of one process: both databases and Redis.
 *
 * Owns:   the connections; each is opened when it is first needed.
 * Not:    statements: those go through the door.
 */
#ifndef IO7_FCGI_DB_DB_H
#define IO7_FCGI_DB_DB_H

#include "lib/base/str.h"

enum mode { MODE_LIVE, MODE_TEST, MODE_COUNT };

struct db;
struct options;
struct scoreboard;
struct cache;
struct pg;

/* Connects as that role; `name` is shown in pg_stat_activity. */
struct db *db_new(const struct options *, const char *role, const char *name);
void db_free(struct db *);
/* Makes all processes of a scoreboard together log an outage of Redis once. */
void db_share_scoreboard(struct db *, struct scoreboard *);

const char *mode_name(enum mode);
/* That of a name in the tables: "test" or "live". */
enum mode mode_named(struct str);

struct db_health {
	bool database[MODE_COUNT];
	bool redis;
	/* The last error message of each. */
	const char *database_trouble[MODE_COUNT], *redis_trouble;
};

/* Checks all three, in less than a second. */
void db_check(struct db *, struct db_health *);

/* For the door: the connection, and how long to wait for an answer. */
int64_t db_timeout_ns(const struct db *);
struct pg *db_pg(struct db *, enum mode);

/* For revocation stamps and limits. */
struct cache *db_cache(struct db *);

#endif
