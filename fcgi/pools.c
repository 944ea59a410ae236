/*
 * The pools. nginx chooses one for each request, so that test traffic cannot
 * starve live traffic, and slow streams cannot starve quick reads.
 */
#include "fcgi/pools.h"

#include "fcgi/options.h"
#include "lib/base/panic.h"
#include "lib/os/proc.h"

#define WORKERS(field) \
	.options = &base_options, .workers = offsetof(struct options, field)

const struct pool live_pool = {
	.name = "live",
	.about = "requests in live mode",
	.role = "io7_app",
	.socket = "live.sock",
	WORKERS(live_workers),
	.per_cpu = 2,
};

const struct pool test_pool = {
	.name = "test",
	.about = "requests in test mode",
	.role = "io7_app",
	.socket = "test.sock",
	WORKERS(test_workers),
	.per_cpu = 1,
};

const struct pool stream_pool = {
	.name = "stream",
	.about = "streams, exports, imports and other long requests",
	.role = "io7_app",
	.socket = "stream.sock",
	.patient = true,
	WORKERS(stream_workers),
};

const struct pool status_pool = {
	.name = "status",
	.about = "health, status and metrics",
	.role = "io7_app",
	.socket = "status.sock",
	WORKERS(status_workers),
};

const struct pool listener_pool = {
	.name = "listener",
	.about = "hearing of revoked and changed credentials",
	.run = RUN_LISTENER,
	.role = "io7_app",
	.patient = true,
};

const struct pool runner_pool = {
	.name = "runner",
	.about = "queued work",
	.run = RUN_RUNNER,
	.role = "io7_app",
	.patient = true,
	WORKERS(runners),
};

const struct pool flusher_pool = {
	.name = "flusher",
	.about = "writing usage and errors to the database",
	.run = RUN_FLUSHER,
	.role = "io7_chore",
	.patient = true,
};

const struct pool janitor_pool = {
	.name = "janitor",
	.about = "the other chores",
	.run = RUN_JANITOR,
	.role = "io7_chore",
	.patient = true,
};

static const struct pool *pools[POOLS_MAX] = { &live_pool, &test_pool,
	&stream_pool, &status_pool, &listener_pool, &runner_pool, &flusher_pool,
	&janitor_pool };

size_t pools_count = 8;

/* Pools with a socket come before the listener. */
void
pools_add(const struct pool *rows, size_t n)
{
	size_t at = pool_number(&listener_pool);

	if (pools_count + n > POOLS_MAX)
		BUG("more than %d pools", POOLS_MAX);
	for (size_t i = pools_count; i > at; i--)
		pools[i - 1 + n] = pools[i - 1];
	for (size_t i = 0; i < n; i++)
		pools[at + i] = &rows[i];
	pools_count += n;
}

const struct pool *
pool_at(size_t number)
{
	return pools[number];
}

size_t
pool_number(const struct pool *pool)
{
	for (size_t i = 0; i < pools_count; i++)
		if (pools[i] == pool)
			return i;
	BUG("pool %s is not in the list", pool->name);
}

static uint64_t
number_at(const struct pool *pool, const struct conf *conf, size_t offset)
{
	const char *values = conf_values(conf, pool->options);
	uint64_t n;

	memcpy(&n, values + offset, sizeof(n));
	return n;
}

size_t
pool_workers(const struct pool *pool, const struct conf *conf)
{
	uint64_t n;

	if (!pool->options)
		return 1;
	n = number_at(pool, conf, pool->workers);
	return n ? (size_t)n : pool->per_cpu * proc_cpus() + 2;
}

size_t
pools_workers(const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < pools_count; i++)
		n += pool_workers(pools[i], conf);
	return n;
}

uint64_t
pool_body_max(const struct pool *pool, const struct conf *conf)
{
	return pool->body_max ? number_at(pool, conf, pool->body_max)
			      : options_of(conf)->body_max;
}
