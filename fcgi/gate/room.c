/*
 * The room gate: writes recent errors, and deletes old errors and answers.
 */
#include "fcgi/room.h"

#include "fcgi/gate/idempotency.h"
#include "fcgi/gate/recent_errors.h"

static const struct chore chores[] = {
	{ "errors-flush", .about = "writes recent errors to the database",
	    .every_ns = NS_PER_S, .run = errors_flush, .pool = &flusher_pool,
	    .urgent = true },
	{ "errors-expire", .about = "deletes errors older than a week",
	    .every_ns = 600 * NS_PER_S, .run = errors_expire },
	{ "answers-expire",
	    .about = "deletes stored answers of Idempotency-Key after a day",
	    .every_ns = 10 * NS_PER_S, .run = idempotency_expire },
};

const struct room gate_room = {
	.name = "gate",
	.chores = { ROWS(chores) },
};
