/*
 * The connections of one process.
 */
#include "fcgi/db/db.h"

#include "lib/base/panic.h"
#include "lib/cache/cache.h"
#include "lib/os/clock.h"
#include "lib/pg/pg.h"
#include "lib/shm/scoreboard.h"

/* Together below the second that a health check may take. */
enum { CHECK_DATABASES_MS = 500, CHECK_MS = 850 };

struct db {
	struct pg *pg[MODE_COUNT];
	struct cache *cache;
	int64_t patience_ns;
};

const char *
mode_name(enum mode mode)
{
	return mode == MODE_TEST ? "test" : "live";
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
	    .renew_after = (size_t)opts->renew_after,
	    .renew_ns = opts->renew_age,
	});
}

struct db *
db_new(const struct options *opts, const char *role, const char *name)
{
	struct db *b = calloc(1, sizeof(*b));

	if (!b)
		die(EXIT_FAILURE, "no memory for connections");
	b->patience_ns = opts->statement_timeout;
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		b->pg[m] = open_pg(opts, role, name, m);
	b->cache =
	    cache_new(opts->redis, opts->redis_password, opts->redis_timeout);
	return b;
}

void
db_share_scoreboard(struct db *b, struct scoreboard *scoreboard)
{
	cache_share_news(b->cache, &scoreboard->head->redis_told_ns);
}

void
db_free(struct db *b)
{
	if (!b)
		return;
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		pg_free(b->pg[m]);
	cache_free(b->cache);
	free(b);
}

/* The databases are asked both at once, then Redis in what time is left. */
void
db_check(struct db *b, struct db_health *health)
{
	int64_t now = clock_mono_ns();

	pg_ping(b->pg, MODE_COUNT, now + CHECK_DATABASES_MS * NS_PER_MS,
	    health->database);
	health->redis = cache_ping(b->cache, now + CHECK_MS * NS_PER_MS);
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		health->database_trouble[m] = pg_trouble(b->pg[m]);
	health->redis_trouble = cache_trouble(b->cache);
}

struct pg *
db_pg(struct db *b, enum mode mode)
{
	return b->pg[mode];
}

struct cache *
db_cache(struct db *b)
{
	return b->cache;
}

int64_t
db_patience(const struct db *b)
{
	return b->patience_ns;
}
