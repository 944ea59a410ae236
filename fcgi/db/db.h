/*
 * db: what one process is connected to: both databases and Redis.
 *
 * Owns:   the connections, each opened when first needed.
 * Not:    statements: those go through the door.
 * Limit:  one statement at a time, as the process serves one request at a time.
 */
#ifndef IO7_FCGI_DB_DB_H
#define IO7_FCGI_DB_DB_H

#include "fcgi/options.h"

enum mode { MODE_LIVE, MODE_TEST, MODE_COUNT };

struct db;
struct scoreboard;
struct cache;
struct pg;

/* As that role; name is what pg_stat_activity shows. */
struct db *db_new(const struct options *, const char *role, const char *name);
void db_free(struct db *);
/* With the other processes of that board, it logs only once that Redis is away. */
void db_share_scoreboard(struct db *, struct scoreboard *);

const char *mode_name(enum mode);

struct db_health {
	bool database[MODE_COUNT];
	bool redis;
	/* The last trouble of each, in words. */
	const char *database_trouble[MODE_COUNT], *redis_trouble;
};

/* Asks all three; takes less than a second, whatever they do. */
void db_check(struct db *, struct db_health *);

/* For the door: the connection, and how long an answer may take. */
int64_t db_patience(const struct db *);
struct pg *db_pg(struct db *, enum mode);

/* For epochs and limits. */
struct cache *db_cache(struct db *);

#endif
