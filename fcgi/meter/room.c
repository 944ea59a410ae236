/*
 * The room meter: its options, and the chore that writes the ledger.
 */
#include "fcgi/room.h"

#include "fcgi/meter/concurrency.h"
#include "fcgi/meter/lease.h"
#include "fcgi/meter/ledger.h"
#include "fcgi/meter/options.h"

static const struct room_limit limits[] = {
	{ LIMITS_RATES, "Requests a minute", "key or person",
	    .plan = "requests_per_minute", .unit = "requests",
	    .err = E_RATE_LIMITED, .field = "minute" },
	{ LIMITS_RATES, "Requests a minute of all keys together", "account",
	    LIMIT_ACCOUNT_KEYS, "times that of a key", .err = E_RATE_LIMITED,
	    .field = "account" },
	{ LIMITS_RATES, "Credits a day, in live mode", "account",
	    .plan = "credits_per_day", .unit = "credits",
	    .err = E_QUOTA_EXCEEDED, .field = "daily" },
	{ LIMITS_RATES, "Requests a minute without a known credential",
	    "client address", .option = "IO7_ADDRESS_LIMIT", .unit = "requests",
	    .err = E_RATE_LIMITED, .field = "minute" },
	{ LIMITS_RATES, "Streams, exports and imports at once", "account",
	    .plan = "streams", .unit = "streams", .err = E_RATE_LIMITED,
	    .field = "streams" },
	{ LIMITS_RATES, "Streams, exports and imports, in any plan", "account",
	    CONCURRENCY_STREAMS_PERCENT, "% of the stream workers",
	    .err = E_RATE_LIMITED, .field = "streams" },
	{ LIMITS_RATES, "Streams, exports and imports, by address",
	    "client address", CONCURRENCY_STREAMS_PERCENT,
	    "% of the stream workers", .err = E_RATE_LIMITED },
	{ LIMITS_RATES, "Counts, patterns and other scans at once", "account",
	    CONCURRENCY_SCANS_PERCENT, "% of the workers of its pool",
	    .err = E_RATE_LIMITED, .field = "scans" },
	{ LIMITS_RATES, "Slow requests at once, while others wait", "account",
	    CONCURRENCY_SLOW_PERCENT, "% of the workers of its pool",
	    .err = E_RATE_LIMITED, .field = "slow_requests",
	    .effect = "at least 3 are possible" },
	{ LIMITS_RATES, "Requests that are counted in advance", "key",
	    LEASE_REQUESTS_MAX, "requests",
	    .effect = "the headers say less than is left, for a second" },
};

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
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
};
