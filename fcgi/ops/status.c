/*
 * `io7 status`: the board of a running server, read from its file.
 */
#include "fcgi/ops/command.h"

#include "fcgi/health/health.h"
#include "fcgi/pools.h"
#include "lib/clock.h"
#include "lib/log.h"

#include <errno.h>
#include <signal.h>
#include <sysexits.h>

static void
open_running(struct board *board, const struct options *opts)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/board", opts->run_dir);
	if (!board_open(board, path))
		die(EX_UNAVAILABLE, "%s: %s", path, strerror(errno));
	if (kill(board->head->supervisor, 0) < 0 && errno == ESRCH)
		die(EX_UNAVAILABLE, "the supervisor is not running");
}

static void
print_json(const struct service *service)
{
	struct arena *mem = arena_new(64 << 20);
	struct buf b;

	buf_init(&b, mem);
	health_status_json(service, &b);
	fwrite(b.p, 1, b.n, stdout);
	arena_free(mem);
}

static void
print_pools(const struct board *board)
{
	printf("%-8s %-12s %7s %5s %10s  %s\n", "POOL", "SOCKET", "WORKERS",
	    "IDLE", "REQUESTS", "ABOUT");
	for (size_t p = 0; p < pools_count; p++) {
		size_t workers = 0, idle = 0;
		uint64_t requests = 0;

		for (size_t i = 0; i < board->n; i++) {
			const struct board_slot *slot = &board->slots[i];

			if (slot->pool != p)
				continue;
			workers++;
			idle += slot->stage == STAGE_IDLE;
			requests += board_get(&slot->requests);
		}
		printf("%-8s %-12s %7zu %5zu %10llu  %s\n", pools[p].name,
		    pools[p].socket ? pools[p].socket : "-", workers, idle,
		    (unsigned long long)requests, pools[p].about);
	}
}

static void
print_workers(const struct board *board)
{
	printf("\n%7s %-8s %-9s %9s %10s  %s\n", "PID", "POOL", "STAGE", "FOR",
	    "REQUESTS", "ROUTE");
	for (size_t i = 0; i < board->n; i++) {
		const struct board_slot *slot = &board->slots[i];
		const struct route *route =
		    slot->route < 0 ? NULL : route_at((size_t)slot->route);
		double seconds = (double)(clock_mono_ns() - slot->since_ns) /
		    (double)NS_PER_S;

		printf("%7d %-8s %-9s %8.1fs %10llu  %s\n", (int)slot->pid,
		    slot->pool < pools_count ? pools[slot->pool].name : "?",
		    board_stage_name(slot->stage), seconds,
		    (unsigned long long)board_get(&slot->requests),
		    route ? route->path : "");
	}
}

int
command_status(struct args *args)
{
	bool json = args_flag(args, "--json");
	struct service service = { .opts = args_options(args) };
	struct board board;

	args_end(args);
	open_running(&board, service.opts);
	service.board = &board;
	if (json) {
		print_json(&service);
	} else {
		print_pools(&board);
		print_workers(&board);
	}
	board_close(&board);
	return EXIT_SUCCESS;
}
