/*
 * The room meter: its options, and the chore that writes the ledger.
 */
#include "fcgi/room.h"

#include "fcgi/meter/lease.h"
#include "fcgi/meter/ledger.h"
#include "fcgi/meter/options.h"

static const struct chore chores[] = {
	{ "ledger-flush",
	    .about = "writes the usage of all workers to the ledger",
	    .every_ns = NS_PER_S, .run = ledger_flush, .pool = &flusher_pool,
	    .urgent = true },
	{ "leases-return",
	    .about = "returns requests that were counted but not made",
	    .every_ns = NS_PER_S, .run = lease_return, .pool = &flusher_pool },
};

const struct room meter_room = {
	.name = "meter",
	.options = &meter_options,
	.chores = { ROWS(chores) },
};
