/*
 * The room usage: what an account used and what failed, and the chores of
 * metering.
 */
#include "fcgi/room.h"

#include "fcgi/gate/idempotency.h"
#include "fcgi/gate/recent_errors.h"
#include "fcgi/meter/ledger.h"
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

static const struct chore chores[] = {
	{ "ledger-flush", "writes down what all workers have noted", NS_PER_S,
	    ledger_flush },
	{ "errors-flush", "writes down what went wrong for whom", NS_PER_S,
	    errors_flush },
	{ "errors-expire", "forgets errors of a week ago", 600 * NS_PER_S,
	    errors_expire },
	{ "answers-expire", "forgets answers that were kept for a day",
	    10 * NS_PER_S, idempotency_expire },
};

const struct room usage_room = {
	.name = "usage",
	.routes = { ROWS(routes) },
	.chores = { ROWS(chores), .urgent = 2 },
};
