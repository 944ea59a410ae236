/*
 * What meter contributes to the program: its options, and the chore that
 * writes the ledger.
 */
#include "fcgi/room.h"

#include "fcgi/meter/ledger.h"
#include "fcgi/meter/options.h"

static const struct chore chores[] = {
	{ "ledger-flush", "writes down what all workers have noted", NS_PER_S,
	    ledger_flush },
};

const struct room meter_room = {
	.name = "meter",
	.options = &meter_options,
	.chores = { ROWS(chores), .urgent = 1 },
};
