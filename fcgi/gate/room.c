/*
 * What the gate contributes to the program: the chores of what it stores.
 */
#include "fcgi/room.h"

#include "fcgi/gate/idempotency.h"
#include "fcgi/gate/recent_errors.h"

static const struct chore chores[] = {
	{ "errors-flush", "writes down what went wrong for whom", NS_PER_S,
	    errors_flush },
	{ "errors-expire", "forgets errors of a week ago", 600 * NS_PER_S,
	    errors_expire },
	{ "answers-expire", "forgets answers that were kept for a day",
	    10 * NS_PER_S, idempotency_expire },
};

const struct room gate_room = {
	.name = "gate",
	.chores = { ROWS(chores), .urgent = 1 },
};
