/*
 * The connections of one process.
 */
#include "fcgi/db/db.h"

#include "fcgi/options.h"
#include "lib/base/panic.h"
#include "lib/cache/cache.h"
#include "lib/os/clock.h"
#include "lib/pg/pg.h"
#include "lib/shm/scoreboard.h"

/* Deadlines, from the start of a check; all of it takes less than a second. */
enum { CHECK_DATABASES_MS = 500, CHECK_MS = 850 };

struct db {
	struct pg *pg[MODE_COUNT];
	struct cache *cache;
	int64_t timeout_ns;
};

const char *
mode_name(enum mode mode)
{
	return mode == MODE_TEST ? "test" : "live";
}

enum mode
mode_named(struct str name)
{
	return str_eq(name, STR("test")) ? MODE_TEST : MODE_LIVE;
}

static struct pg *
open_pg(const struct options *opts, const char *role, const char *name,
    enum mode mode)
{
	return pg_new(&(struct pg_options){
	    .dsn = mode == MODE_TEST ? opts->test_dsn : opts->live_dsn,
	    .role = role,
	    .name = name,
	    .connect_ns = opts->connect_timeout,
	    .named = opts->named_statements,
	    .prepared = (size_t)opts->prepared_statements,
	    .tenants = (size_t)opts->renew_after,
	    .renew_ns = opts->renew_age,
	});
}

struct db *
db_new(const struct options *opts, const char *role, const char *name)
{
	struct db *db = calloc(1, sizeof(*db));

	if (!db)
		die(EXIT_FAILURE, "no memory for connections");
	db->timeout_ns = opts->statement_timeout;
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		db->pg[m] = open_pg(opts, role, name, m);
	db->cache =
	    cache_new(opts->redis, opts->redis_password, opts->redis_timeout);
	return db;
}

void
db_share_scoreboard(struct db *db, struct scoreboard *scoreboard)
{
	cache_share_log(db->cache, &scoreboard->head->redis_logged_ns);
}

void
db_free(struct db *db)
{
	if (!db)
		return;
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		pg_free(db->pg[m]);
	cache_free(db->cache);
	free(db);
}

/* Pings both databases in parallel, then Redis in the time that is left. */
void
db_check(struct db *db, struct db_health *health)
{
	int64_t now = clock_mono_ns();

	pg_ping(db->pg, MODE_COUNT, now + CHECK_DATABASES_MS * NS_PER_MS,
	    health->database);
	health->redis = cache_ping(db->cache, now + CHECK_MS * NS_PER_MS);
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		health->database_trouble[m] = pg_trouble(db->pg[m]);
	health->redis_trouble = cache_trouble(db->cache);
}

struct pg *
db_pg(struct db *db, enum mode mode)
{
	return db->pg[mode];
}

struct cache *
db_cache(struct db *db)
{
	return db->cache;
}

int64_t
db_timeout_ns(const struct db *db)
{
	return db->timeout_ns;
}
