/*
 * The janitor: a loop over the chores of all rooms.
 */
#include "fcgi/serve/janitor.h"

#include "fcgi/db/db.h"
#include "fcgi/rooms.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

#include <errno.h>
#include <unistd.h>

enum { CHORES_MAX = 64 };

struct due {
	const struct chore *chore;
	bool is_urgent;
	int64_t at_ns;
};

static size_t
make_timetable(struct due dues[CHORES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < rooms_count; i++)
		for (size_t c = 0; c < rooms[i]->chores.n; c++) {
			if (n == CHORES_MAX)
				BUG("more than %d chores", CHORES_MAX);
			dues[n++] = (struct due){
				.chore = &rooms[i]->chores.rows[c],
				.is_urgent = c < rooms[i]->chores.urgent,
				.at_ns = clock_mono_ns(),
			};
		}
	return n;
}

/* A chore that was late is not made up for: its next time counts from now. */
static void
do_chore(const struct service *service, struct arena *mem, struct due *due)
{
	int64_t began = clock_mono_ns(), took_ns;

	due->chore->run(service, mem);
	arena_reset(mem);
	took_ns = clock_mono_ns() - began;
	due->at_ns = began + due->chore->every_ns;
	if (took_ns > due->chore->every_ns)
		log_event(LOG_WARN, "slow_chore", "%s took %lld ms",
		    due->chore->name, (long long)(took_ns / NS_PER_MS));
}

static int64_t
first_due(const struct due *dues, size_t n)
{
	int64_t first = clock_mono_ns() + 60 * NS_PER_S;

	for (size_t i = 0; i < n; i++)
		if (dues[i].at_ns < first)
			first = dues[i].at_ns;
	return first;
}

static void
hurry(struct due *dues, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (dues[i].is_urgent)
			dues[i].at_ns = clock_mono_ns();
}

/* Reading an eventfd sets it back, however often it was written. */
static void
take_nudge(const struct process *process)
{
	uint64_t times;

	if (read(process->nudge, &times, sizeof(times)) < 0 && errno != EAGAIN)
		log_event(LOG_WARN, "nudge", "%s", strerror(errno));
}

static void
do_last(const struct service *service, struct arena *mem, struct due *dues,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (dues[i].is_urgent)
			do_chore(service, mem, &dues[i]);
}

void
janitor_run(const struct process *process)
{
	struct due dues[CHORES_MAX];
	struct arena *mem =
	    arena_must_new((size_t)process->opts->request_memory);
	struct service service = {
		.conf = process->conf,
		.opts = process->opts,
		.db = db_new(process->opts, process->pool->role,
		    process->pool->name),
		.scoreboard = process->scoreboard,
		.usage_journal = process->usage_journal,
		.errors = process->all_errors,
		.nudge = process->nudge,
		.is_over = process_is_over,
	};
	size_t n = make_timetable(dues);
	int epoll = process_epoll(process);

	db_share_scoreboard(service.db, process->scoreboard);
	process_begin(process);
	while (!process_is_over()) {
		for (size_t i = 0; i < n && !process_is_over(); i++)
			if (dues[i].at_ns <= clock_mono_ns()) {
				scoreboard_enter(process->slot, STAGE_WORKING,
				    -1);
				do_chore(&service, mem, &dues[i]);
			}
		scoreboard_enter(process->slot, STAGE_IDLE, -1);
		if (process_wait(process, epoll, first_due(dues, n))) {
			take_nudge(process);
			hurry(dues, n);
		}
	}
	do_last(&service, mem, dues, n);
	close(epoll);
	db_free(service.db);
	arena_free(mem);
	process_end(process);
}
