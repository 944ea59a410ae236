/*
 * What the meter does by itself.
 */
#include "fcgi/meter/ledger.h"

static const struct chore chores[] = {
	{ "ledger-flush", "writes down what all workers have noted", NS_PER_S,
	    ledger_flush },
};

const struct room meter_room = {
	.name = "meter",
	.chores = chores,
	.n_chores = ARRAY_LEN(chores),
	.n_urgent = 1,
};
