/*
 * The room gate: writes recent errors, and deletes old errors and answers.
 */
#include "fcgi/room.h"

#include "fcgi/gate/idempotency.h"
#include "fcgi/gate/recent_errors.h"

static const struct room_limit limits[] = {
	{ LIMITS_REQUESTS, "Length of an Idempotency-Key", "request",
	    IDEMPOTENCY_KEY_MAX, "characters", .err = E_BAD_REQUEST,
	    .field = "Idempotency-Key" },
	{ LIMITS_REQUESTS, "Response stored for an Idempotency-Key", "request",
	    IDEMPOTENCY_ANSWER_MAX, "bytes", .err = E_CONFLICT,
	    .effect = "only for a repeat" },
	{ LIMITS_REQUESTS, "All stored responses of a day", "account",
	    IDEMPOTENCY_ANSWERS_MAX, "bytes", .err = E_CONFLICT,
	    .effect = "only for a repeat" },
	{ LIMITS_REQUESTS, "Retention of a stored response", "request",
	    IDEMPOTENCY_KEPT_S, "seconds",
	    .effect = "a repeat is carried out again" },
	{ LIMITS_ACCOUNTS, "Recent errors that are kept", "account and mode",
	    ERRORS_KEPT, "errors", .effect = "older ones are deleted" },
	{ LIMITS_ACCOUNTS, "Retention of recent errors", "account",
	    ERRORS_DAYS * 86400, "seconds",
	    .effect = "older ones are deleted" },
};

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
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
};
