/*
 * The room usage: what an account used, and what failed.
 */
#include "fcgi/room.h"

#include "fcgi/usage/handlers.h"

static const struct route routes[] = {
	{ GET, "/api/usage/today", NEED_READ, 0, 0, usage_get_today,
	    .about = "what was used today, and what is left" },
	{ GET, "/api/usage/history", NEED_READ, 0, 0, usage_get_history,
	    .about = "what was used on each of the last days",
	    .query = "days" },
	{ GET, "/api/usage/errors", NEED_READ, 0, 0, usage_get_errors,
	    .about = "what went wrong lately", .query = "mode cursor limit" },
};

const struct room usage_room = {
	.name = "usage",
	.routes = { ROWS(routes) },
};
