/*
 * The room health: whether io7 can serve, and what its processes are doing.
 */
#include "fcgi/room.h"

#include "fcgi/health/handlers.h"
#include "fcgi/health/health.h"

static const struct route routes[] = {
	{ GET, "/health", NEED_NOTHING, 0, 0, health_get_health,
	    "whether io7 and what it needs are up" },
	{ GET, "/health/live", NEED_NOTHING, 0, 0, health_get_live,
	    "whether the process answers" },
	{ GET, "/status", NEED_OPERATOR, 0, 0, health_get_status,
	    "what every process is doing" },
	{ GET, "/status/stream", NEED_OPERATOR, 0, 0, health_stream_status,
	    "the same each second, as a stream" },
	{ GET, "/metrics", NEED_OPERATOR, 0, 0, health_get_metrics,
	    "counters for Prometheus" },
};

static const struct chore chores[] = {
	{ "health-watch", "logs when a database or Redis goes or comes back",
	    NS_PER_S, health_watch },
};

const struct room health_room = {
	.name = "health",
	.routes = { ROWS(routes) },
	.chores = { ROWS(chores) },
};
