/*
 * The room usage: what an account used, and what failed.
 */
#include "fcgi/room.h"

#include "fcgi/meter/usage.h"
#include "fcgi/usage/handlers.h"

static const struct route routes[] = {
	{ GET, "/api/usage/today", NEED_READ, 0, 0, usage_get_today,
	    .about = "returns today's usage and what is left" },
	{ GET, "/api/usage/history", NEED_READ, 0, 0, usage_get_history,
	    .about = "returns the usage of each of the last days",
	    .query = "days" },
	{ GET, "/api/usage/errors", NEED_READ, 0, 0, usage_get_errors,
	    .about = "lists recent errors", .query = "mode cursor limit" },
};

static const struct room_limit limits[] = {
	{ LIMITS_ACCOUNTS, "Days of a usage history", "request", USAGE_DAYS,
	    "days", .err = E_BAD_REQUEST, .field = "days" },
};

const struct room usage_room = {
	.name = "usage",
	.routes = { ROWS(routes) },
	.limits = { ROWS(limits) },
};
