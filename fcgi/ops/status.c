/*
 * `io7 status`: reads the scoreboard of a running server from its file.
 */
#include "fcgi/ops/status.h"

#include "fcgi/health/health.h"
#include "fcgi/http/route.h"
#include "fcgi/ops/command.h"
#include "fcgi/options.h"
#include "fcgi/pools.h"
#include "fcgi/work/kinds.h"
#include "lib/base/panic.h"
#include "lib/os/backlog.h"
#include "lib/os/clock.h"
#include "lib/shm/scoreboard.h"

#include <errno.h>
#include <signal.h>
#include <sysexits.h>

typedef unsigned long long ull;

/* From this bucket on, requests took more than a second. */
enum { SLOW_BUCKET = 21 };

void
status_open(struct scoreboard *scoreboard, const struct options *opts)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/board", opts->run_dir);
	if (!scoreboard_open(scoreboard, path))
		die(EX_UNAVAILABLE, "%s: %s", path, strerror(errno));
	if (kill(scoreboard->head->supervisor, 0) < 0 && errno == ESRCH)
		die(EX_UNAVAILABLE, "the supervisor is not running");
}

static void
print_json(const struct service *service)
{
	struct arena *mem = arena_must_new(64 << 20);
	struct buf b;

	buf_init(&b, mem);
	health_status_json(service, &b);
	fwrite(b.p, 1, b.n, stdout);
	arena_free(mem);
}

struct sum {
	size_t workers, idle;
	uint64_t requests, slow;
};

static struct sum
add_up(const struct scoreboard *scoreboard, size_t pool)
{
	struct sum sum = { 0 };

	for (size_t i = 0; i < scoreboard_slots(scoreboard); i++) {
		const struct scoreboard_slot *slot = &scoreboard->slots[i];

		if (slot->pool != pool)
			continue;
		sum.workers += slot->pid != 0;
		sum.idle += slot->stage == STAGE_IDLE;
		sum.requests += scoreboard_get(&slot->requests);
		for (size_t b = SLOW_BUCKET; b < SCOREBOARD_BUCKETS; b++)
			sum.slow += scoreboard_get(&slot->latency[b]);
	}
	return sum;
}

uint64_t
status_requests(const struct scoreboard *scoreboard)
{
	uint64_t n = 0;

	for (size_t i = 0; i < scoreboard_slots(scoreboard); i++)
		n += scoreboard_get(&scoreboard->slots[i].requests);
	return n;
}

/* "-" for a pool without a socket, or if the kernel does not report it. */
static void
backlog_text(const struct options *opts, const struct pool *pool, char *to,
    size_t size)
{
	char path[160];
	int64_t n = -1;

	if (pool->socket) {
		snprintf(path, sizeof(path), "%s/%s", opts->run_dir,
		    pool->socket);
		n = backlog_of(path);
	}
	snprintf(to, size, n < 0 ? "-" : "%lld", (long long)n);
}

static void
print_pools(const struct scoreboard *scoreboard, const struct options *opts)
{
	printf("%-8s %7s %5s %10s %7s %7s  %s\n", "POOL", "WORKERS", "IDLE",
	    "REQUESTS", "SLOW", "BACKLOG", "ABOUT");
	for (size_t p = 0; p < pools_count; p++) {
		const struct pool *pool = pool_at(p);
		struct sum sum = add_up(scoreboard, p);
		char backlog[24];

		backlog_text(opts, pool, backlog, sizeof(backlog));
		printf("%-8s %7zu %5zu %10llu %7llu %7s  %s\n", pool->name,
		    sum.workers, sum.idle, (ull)sum.requests, (ull)sum.slow,
		    backlog, pool->about);
	}
}

static void
print_workers(const struct scoreboard *scoreboard)
{
	printf("\n%7s %-8s %-9s %9s %10s %8s  %s\n", "PID", "POOL", "STAGE",
	    "FOR", "REQUESTS", "MEMORY", "ROUTE");
	for (size_t i = 0; i < scoreboard_slots(scoreboard); i++) {
		const struct scoreboard_slot *slot = &scoreboard->slots[i];
		const struct route *route =
		    slot->route < 0 ? NULL : route_at((size_t)slot->route);
		double seconds = (double)(clock_mono_ns() - slot->since_ns) /
		    (double)NS_PER_S;

		if (!slot->pid)
			continue;
		printf("%7d %-8s %-9s %8.1fs %10llu %7lluK  %s\n",
		    (int)slot->pid,
		    slot->pool < pools_count ? pool_at(slot->pool)->name : "?",
		    scoreboard_stage_name(slot->stage), seconds,
		    (ull)scoreboard_get(&slot->requests),
		    (ull)scoreboard_get(&slot->resident) / 1024,
		    route ? route->path : "");
	}
}

static void
print_work(const struct scoreboard *scoreboard)
{
	if (kinds_count)
		printf("\n%-24s %7s %7s %7s %7s %9s %10s %8s %8s\n", "WORK",
		    "WAITING", "READY", "RUNNING", "DEAD", "OLDEST", "DONE",
		    "RETRIED", "FAILED");
	for (size_t i = 0; i < kinds_count; i++) {
		const struct scoreboard_depth *depth =
		    &scoreboard->head->depths[i];
		struct scoreboard_work work = scoreboard_work_of(scoreboard, i);
		double oldest = (double)scoreboard_get(&depth->oldest_us) /
		    (double)US_PER_S;

		printf("%-24s %7llu %7llu %7llu %7llu %8.1fs %10llu %8llu"
		       " %8llu\n",
		    kind_at(i)->name, (ull)scoreboard_get(&depth->waiting),
		    (ull)scoreboard_get(&depth->ready),
		    (ull)scoreboard_get(&depth->running),
		    (ull)scoreboard_get(&depth->dead), oldest,
		    (ull)scoreboard_get(&work.ends[END_DONE]),
		    (ull)scoreboard_get(&work.ends[END_RETRY]),
		    (ull)scoreboard_get(&work.ends[END_DEAD]));
	}
}

void
status_print(const struct scoreboard *scoreboard, const struct options *opts)
{
	print_pools(scoreboard, opts);
	print_workers(scoreboard);
	print_work(scoreboard);
}

int
command_status(struct args *args)
{
	bool json = args_flag(args, "--json");
	struct service service = { .opts = args_options(args) };
	struct scoreboard scoreboard;

	args_end(args);
	status_open(&scoreboard, service.opts);
	service.scoreboard = &scoreboard;
	if (json)
		print_json(&service);
	else
		status_print(&scoreboard, service.opts);
	scoreboard_close(&scoreboard);
	return EXIT_SUCCESS;
}
