/*
 * The status of io7. Without the live database nothing can be served: down.
 * Without the test database or Redis, or during a crash storm: degraded, but a
 * load balancer should keep using it.
 */
#include "fcgi/health/health.h"

#include "fcgi/db/db.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/shm/scoreboard.h"
#include "version.h"

enum { CACHED_MS = 250 };

static const char *const status_names[] = {
	[HEALTH_OK] = "ok",
	[HEALTH_DEGRADED] = "degraded",
	[HEALTH_DOWN] = "down",
};

static bool
is_storm(const struct service *service)
{
	return clock_mono_ns() < service->scoreboard->head->storm_until_ns;
}

static enum health_status
judge(const struct db_health *seen, bool storm)
{
	if (!seen->database[MODE_LIVE])
		return HEALTH_DOWN;
	if (!seen->database[MODE_TEST] || !seen->redis || storm)
		return HEALTH_DEGRADED;
	return HEALTH_OK;
}

static const char *
up_or_down(bool up)
{
	return up ? "up" : "down";
}

static const struct db_health *
check(const struct service *service)
{
	static struct db_health seen;
	static int64_t good_until;

	if (clock_mono_ns() >= good_until) {
		db_check(service->db, &seen);
		good_until = clock_mono_ns() + CACHED_MS * NS_PER_MS;
	}
	return &seen;
}

int64_t
health_uptime_s(const struct service *service)
{
	return (clock_mono_ns() - service->scoreboard->head->started_ns) /
	    NS_PER_S;
}

enum health_status
health_write(const struct service *service, struct buf *b)
{
	const struct db_health *seen = check(service);
	bool storm = is_storm(service);
	enum health_status status = judge(seen, storm);

	buf_printf(b,
	    "{\"status\":\"%s\",\"version\":\"%s\",\"uptime_s\":%lld,"
	    "\"databases\":{\"live\":\"%s\",\"test\":\"%s\"},"
	    "\"redis\":\"%s\",\"storm\":%s}\n",
	    status_names[status], IO7_VERSION,
	    (long long)health_uptime_s(service),
	    up_or_down(seen->database[MODE_LIVE]),
	    up_or_down(seen->database[MODE_TEST]), up_or_down(seen->redis),
	    storm ? "true" : "false");
	return status;
}

static void
log_change(const char *what, bool was, bool is, const char *trouble)
{
	if (was == is)
		return;
	if (is)
		log_event(LOG_INFO, "came", "%s is up", what);
	else
		log_event(LOG_ERROR, "went", "%s is down: %s", what, trouble);
}

/* At first all are assumed to be up, so that only failures are logged. */
void
health_watch(const struct service *service, struct arena *mem)
{
	static struct db_health before = { .database = { true, true },
		.redis = true };
	struct db_health now;

	(void)mem;
	db_check(service->db, &now);
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		log_change(m == MODE_TEST ? "database test" : "database live",
		    before.database[m], now.database[m],
		    now.database_trouble[m]);
	log_change("Redis", before.redis, now.redis, now.redis_trouble);
	before = now;
}
