/*
 * The room health: the status of io7 and of its processes.
 */
#include "fcgi/room.h"

#include "fcgi/health/handlers.h"
#include "fcgi/health/health.h"

static const struct route routes[] = {
	{ GET, "/health", NEED_NOTHING, 0, 0, health_get_health,
	    .about = "returns whether io7 can serve", .pool = &status_pool,
	    .query = ROUTE_ANY_QUERY },
	{ GET, "/health/live", NEED_NOTHING, 0, 0, health_get_live,
	    .about = "returns whether a process answers", .pool = &status_pool,
	    .query = ROUTE_ANY_QUERY },
	{ GET, "/status", NEED_OPERATOR, 0, 0, health_get_status,
	    .about = "returns what every process is doing",
	    .pool = &status_pool },
	{ GET, "/status/stream", NEED_OPERATOR, 0, 0, health_stream_status,
	    .about = "sends the status every second, as a stream",
	    .pool = &stream_pool },
	{ GET, "/metrics", NEED_OPERATOR, 0, 0, health_get_metrics,
	    .about = "returns counters for Prometheus", .pool = &status_pool },
};

static const struct chore chores[] = {
	{ "health-watch",
	    .about = "logs when a database or Redis goes down or comes up",
	    .every_ns = NS_PER_S, .run = health_watch },
};

const struct room health_room = {
	.name = "health",
	.routes = { ROWS(routes) },
	.chores = { ROWS(chores) },
};
