/*
 * The scoreboard as JSON, and as Prometheus's text. Both read the counters of
 * running workers, without a lock.
 */
#include "fcgi/health/health.h"

#include "fcgi/health/work.h"
#include "fcgi/http/route.h"
#include "fcgi/pools.h"
#include "lib/os/clock.h"
#include "lib/shm/scoreboard.h"
#include "version.h"

typedef unsigned long long ull;

/* The sums of a pool's slots. */
struct sum {
	const struct pool *pool;
	uint64_t workers, idle, requests, micros;
	uint64_t by_class[SCOREBOARD_CLASSES], latency[SCOREBOARD_BUCKETS];
	uint64_t bytes_in, bytes_out;
	uint64_t stages[STAGE_COUNT];
	uint64_t log_dropped;
};

static void
add_slot(struct sum *sum, const struct scoreboard_slot *slot)
{
	uint32_t stage = slot->stage;

	if (slot->pid) {
		sum->workers++;
		sum->idle += stage == STAGE_IDLE;
		if (stage < STAGE_COUNT)
			sum->stages[stage]++;
	}
	sum->requests += scoreboard_get(&slot->requests);
	sum->micros += scoreboard_get(&slot->micros);
	sum->bytes_in += scoreboard_get(&slot->bytes_in);
	sum->bytes_out += scoreboard_get(&slot->bytes_out);
	sum->log_dropped += scoreboard_get(&slot->log_dropped);
	for (size_t i = 0; i < SCOREBOARD_CLASSES; i++)
		sum->by_class[i] += scoreboard_get(&slot->by_class[i]);
	for (size_t i = 0; i < SCOREBOARD_BUCKETS; i++)
		sum->latency[i] += scoreboard_get(&slot->latency[i]);
}

static void
add_up(const struct scoreboard *scoreboard, struct sum sums[POOLS_MAX])
{
	memset(sums, 0, POOLS_MAX * sizeof(*sums));
	for (size_t i = 0; i < pools_count; i++)
		sums[i].pool = pool_at(i);
	for (size_t i = 0; i < scoreboard_slots(scoreboard); i++) {
		uint32_t pool = scoreboard->slots[i].pool;

		if (pool < pools_count)
			add_slot(&sums[pool], &scoreboard->slots[i]);
	}
}

/* "2xx"; "cut": the request ended without a response. */
static const char *
class_name(size_t class)
{
	static const char *const names[SCOREBOARD_CLASSES] = { "cut", "1xx",
		"2xx", "3xx", "4xx", "5xx" };

	return names[class];
}

static void
pool_json(struct buf *b, const struct sum *sum)
{
	buf_printf(b,
	    "{\"name\":\"%s\",\"workers\":%llu,\"idle\":%llu,"
	    "\"requests\":%llu,\"by_class\":{",
	    sum->pool->name, (ull)sum->workers, (ull)sum->idle,
	    (ull)sum->requests);
	for (size_t i = 0; i < SCOREBOARD_CLASSES; i++)
		buf_printf(b, "%s\"%s\":%llu", i ? "," : "", class_name(i),
		    (ull)sum->by_class[i]);
	buf_puts(b, "}}");
}

static void
worker_json(struct buf *b, size_t i, const struct scoreboard_slot *slot)
{
	const struct route *route =
	    slot->route < 0 ? NULL : route_at((size_t)slot->route);
	int64_t for_ns = clock_mono_ns() - slot->since_ns;

	buf_printf(b,
	    "{\"slot\":%zu,\"pid\":%d,\"pool\":\"%s\","
	    "\"stage\":\"%s\",\"route\":",
	    i, (int)slot->pid,
	    slot->pool < pools_count ? pool_at(slot->pool)->name : "?",
	    scoreboard_stage_name(slot->stage));
	if (route)
		buf_printf(b, "\"%s %s\"", method_name(route->method),
		    route->path);
	else
		buf_puts(b, "null");
	buf_printf(b, ",\"for_ms\":%lld,\"requests\":%llu,\"resident\":%llu}",
	    (long long)(for_ns / NS_PER_MS),
	    (ull)scoreboard_get(&slot->requests),
	    (ull)scoreboard_get(&slot->resident));
}

/* Skips slots without a process. */
static void
workers_json(struct buf *b, const struct scoreboard *scoreboard)
{
	const char *between = "";

	for (size_t i = 0; i < scoreboard_slots(scoreboard); i++) {
		if (!scoreboard->slots[i].pid)
			continue;
		buf_puts(b, between);
		worker_json(b, i, &scoreboard->slots[i]);
		between = ",";
	}
}

void
health_status_json(const struct service *service, struct buf *b)
{
	const struct scoreboard *scoreboard = service->scoreboard;
	struct sum sums[POOLS_MAX];

	add_up(scoreboard, sums);
	buf_printf(b,
	    "{\"version\":\"%s\",\"uptime_s\":%lld,\"supervisor\":%d,"
	    "\"respawns\":%llu,\"storms\":%llu,\"pools\":[",
	    IO7_VERSION, (long long)health_uptime_s(service),
	    (int)scoreboard->head->supervisor,
	    (ull)scoreboard_get(&scoreboard->head->respawns),
	    (ull)scoreboard_get(&scoreboard->head->storms));
	for (size_t i = 0; i < pools_count; i++) {
		buf_puts(b, i ? "," : "");
		pool_json(b, &sums[i]);
	}
	buf_puts(b, "],\"workers\":[");
	workers_json(b, scoreboard);
	buf_puts(b, "],\"work\":");
	health_work_json(scoreboard, b);
	buf_puts(b, "}\n");
}

static void
metric(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Prometheus wants cumulative buckets with bounds in seconds. */
static void
histogram(struct buf *b, const struct sum *sum)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < SCOREBOARD_BUCKETS - 1; i++) {
		seen += sum->latency[i];
		buf_printf(b,
		    "io7_request_seconds_bucket{pool=\"%s\",le=\"%.9g\"}"
		    " %llu\n",
		    sum->pool->name,
		    (double)(UINT64_C(1) << i) / (double)US_PER_S, (ull)seen);
	}
	seen += sum->latency[SCOREBOARD_BUCKETS - 1];
	buf_printf(b,
	    "io7_request_seconds_bucket{pool=\"%s\",le=\"+Inf\"} %llu\n"
	    "io7_request_seconds_sum{pool=\"%s\"} %.6f\n"
	    "io7_request_seconds_count{pool=\"%s\"} %llu\n",
	    sum->pool->name, (ull)seen, sum->pool->name,
	    (double)sum->micros / (double)US_PER_S, sum->pool->name, (ull)seen);
}

static void
requests_by_class(struct buf *b, const struct sum *sum)
{
	for (size_t i = 0; i < SCOREBOARD_CLASSES; i++)
		buf_printf(b,
		    "io7_requests_total{pool=\"%s\",class=\"%s\"} %llu\n",
		    sum->pool->name, class_name(i), (ull)sum->by_class[i]);
}

static void
workers_by_stage(struct buf *b, const struct sum *sum)
{
	for (size_t i = STAGE_STARTING; i < STAGE_COUNT; i++)
		buf_printf(b, "io7_workers{pool=\"%s\",stage=\"%s\"} %llu\n",
		    sum->pool->name,
		    scoreboard_stage_name((enum scoreboard_stage)i),
		    (ull)sum->stages[i]);
}

static void
bytes(struct buf *b, const struct sum *sum)
{
	buf_printf(b,
	    "io7_bytes_total{pool=\"%s\",direction=\"in\"} %llu\n"
	    "io7_bytes_total{pool=\"%s\",direction=\"out\"} %llu\n",
	    sum->pool->name, (ull)sum->bytes_in, sum->pool->name,
	    (ull)sum->bytes_out);
}

static void
log_dropped(struct buf *b, const struct sum *sum)
{
	buf_printf(b, "io7_log_dropped_total{pool=\"%s\"} %llu\n",
	    sum->pool->name, (ull)sum->log_dropped);
}

static const struct {
	const char *name, *type, *help;
	void (*write)(struct buf *, const struct sum *);
} by_pool[] = {
	{ "io7_requests_total", "counter", "Requests by class of status.",
	    requests_by_class },
	{ "io7_request_seconds", "histogram", "Time in a worker.", histogram },
	{ "io7_workers", "gauge", "Workers by what they are doing.",
	    workers_by_stage },
	{ "io7_bytes_total", "counter", "Bytes of bodies in and answers out.",
	    bytes },
	{ "io7_log_dropped_total", "counter",
	    "Log lines that could not be written.", log_dropped },
};

static void
scheduled_times(struct buf *b, const struct scoreboard *scoreboard)
{
	static const char *const names[TIME_COUNT] = {
		[TIME_QUEUED] = "queued",
		[TIME_LATE] = "late",
		[TIME_MISSED] = "missed",
		[TIME_SKIPPED] = "skipped",
	};

	metric(b, "io7_cron_times_total", "counter",
	    "Scheduled times of cron jobs by what was decided.");
	for (size_t i = 0; i < TIME_COUNT; i++)
		buf_printf(b, "io7_cron_times_total{outcome=\"%s\"} %llu\n",
		    names[i], (ull)scoreboard_get(&scoreboard->head->times[i]));
}

static void
requests_by_route(struct buf *b, const struct scoreboard *scoreboard)
{
	const struct route *route;

	metric(b, "io7_route_requests_total", "counter", "Requests by route.");
	for (size_t i = 0; (route = route_at(i)); i++) {
		uint64_t n = 0;

		for (size_t s = 0; s < scoreboard_slots(scoreboard); s++)
			n += scoreboard_get(&scoreboard->slots[s].by_route[i]);
		buf_printf(b,
		    "io7_route_requests_total{method=\"%s\",path=\"%s\"} %llu\n",
		    method_name(route->method), route->path, (ull)n);
	}
}

void
health_metrics(const struct service *service, struct buf *b)
{
	const struct scoreboard *scoreboard = service->scoreboard;
	struct sum sums[POOLS_MAX];

	add_up(scoreboard, sums);
	metric(b, "io7_up", "gauge", "1, with the version as a label.");
	buf_printf(b, "io7_up{version=\"%s\"} 1\n", IO7_VERSION);
	metric(b, "io7_uptime_seconds", "gauge", "Since the supervisor began.");
	buf_printf(b, "io7_uptime_seconds %lld\n",
	    (long long)health_uptime_s(service));
	metric(b, "io7_respawns_total", "counter",
	    "Workers started in place of others that died.");
	buf_printf(b, "io7_respawns_total %llu\n",
	    (ull)scoreboard_get(&scoreboard->head->respawns));
	metric(b, "io7_storms_total", "counter", "Crash storms.");
	buf_printf(b, "io7_storms_total %llu\n",
	    (ull)scoreboard_get(&scoreboard->head->storms));
	for (size_t m = 0; m < ARRAY_LEN(by_pool); m++) {
		metric(b, by_pool[m].name, by_pool[m].type, by_pool[m].help);
		for (size_t i = 0; i < pools_count; i++)
			by_pool[m].write(b, &sums[i]);
	}
	requests_by_route(b, scoreboard);
	health_work_metrics(scoreboard, b);
	scheduled_times(b, scoreboard);
}
