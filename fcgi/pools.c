/*
 * The pools. nginx chooses one for each request, only so that test traffic
 * cannot starve live traffic, nor a slow stream a quick read.
 */
#include "fcgi/pools.h"

#define WORKERS(field) offsetof(struct options, field)

const struct pool pools[] = {
	{ "live", "live.sock", WORKERS(live_workers), false, false, "io7_app",
	    "requests in live mode" },
	{ "test", "test.sock", WORKERS(test_workers), false, false, "io7_app",
	    "requests in test mode" },
	{ "stream", "stream.sock", WORKERS(stream_workers), true, true,
	    "io7_app", "streams, exports, imports and other long work" },
	{ "status", "status.sock", WORKERS(status_workers), false, false,
	    "io7_app", "health, status and metrics" },
	{ "janitor", NULL, POOL_ONE, true, false, "io7_chore", "the chores" },
};

const size_t pools_count = ARRAY_LEN(pools);

_Static_assert(ARRAY_LEN(pools) <= POOLS_MAX, "room for every pool");
_Static_assert(offsetof(struct options, live_workers) != POOL_ONE,
    "an option's offset is told from POOL_ONE");

size_t
pool_workers(const struct pool *pool, const struct options *opts)
{
	const char *base = (const char *)opts;
	uint64_t n;

	if (pool->workers == POOL_ONE)
		return 1;
	memcpy(&n, base + pool->workers, sizeof(n));
	return (size_t)n;
}

size_t
pools_workers(const struct options *opts)
{
	size_t n = 0;

	for (size_t i = 0; i < pools_count; i++)
		n += pool_workers(&pools[i], opts);
	return n;
}
