/*
 * The room health: whether io7 can serve, and what its processes are doing.
 */
#include "fcgi/room.h"

#include "fcgi/health/handlers.h"
#include "fcgi/health/health.h"

static const struct route routes[] = {
	{ GET, "/health", NEED_NOTHING, 0, 0, health_get_health,
	    .about = "whether io7 and what it needs are up",
	    .query = ROUTE_ANY_QUERY },
	{ GET, "/health/live", NEED_NOTHING, 0, 0, health_get_live,
	    .about = "whether the process answers", .query = ROUTE_ANY_QUERY },
	{ GET, "/status", NEED_OPERATOR, 0, 0, health_get_status,
	    .about = "what every process is doing" },
	{ GET, "/status/stream", NEED_OPERATOR, 0, 0, health_stream_status,
	    .about = "the same each second, as a stream" },
	{ GET, "/metrics", NEED_OPERATOR, 0, 0, health_get_metrics,
	    .about = "counters for Prometheus" },
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
