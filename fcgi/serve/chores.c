/*
 * The loop over the chores of one pool.
 */
#include "fcgi/serve/chores.h"

#include "fcgi/db/db.h"
#include "fcgi/options.h"
#include "fcgi/rooms.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/shm/scoreboard.h"

#include <errno.h>
#include <unistd.h>

enum { CHORES_MAX = 64 };

struct due {
	const struct chore *chore;
	int64_t at_ns;
};

struct chores {
	const struct process *process;
	struct service service;
	struct arena *mem;
	int wake, epoll;
	struct due dues[CHORES_MAX];
	size_t n;
};

static bool
is_mine(const struct process *process, const struct chore *chore)
{
	const struct pool *pool = chore->pool ? chore->pool : &janitor_pool;

	return pool == process->pool;
}

static void
add_chore(struct chores *c, const struct chore *chore)
{
	if (c->n == CHORES_MAX)
		BUG("more than %d chores", CHORES_MAX);
	c->dues[c->n++] = (struct due){ chore, clock_mono_ns() };
}

static void
make_timetable(struct chores *c)
{
	for (size_t i = 0; i < rooms_count; i++)
		for (size_t n = 0; n < rooms[i]->chores.n; n++)
			if (is_mine(c->process, &rooms[i]->chores.rows[n]))
				add_chore(c, &rooms[i]->chores.rows[n]);
}

static void
open_chores(struct chores *c, const struct process *process)
{
	*c = (struct chores){
		.process = process,
		.mem = arena_must_new((size_t)process->opts->request_memory),
		.wake = process->wake[pool_number(process->pool)],
	};
	c->service = process_service(process);
	c->service.errors = process->all_errors;
	make_timetable(c);
	c->epoll = process_epoll(process, c->wake);
	process_begin(process);
}

static void
close_chores(struct chores *c)
{
	close(c->epoll);
	db_free(c->service.db);
	arena_free(c->mem);
}

/* A missed run is not made up for: the next one counts from now. */
static void
run_chore(struct chores *c, struct due *due)
{
	int64_t began = clock_mono_ns(), took_ns;

	due->chore->run(&c->service, c->mem);
	arena_reset(c->mem);
	took_ns = clock_mono_ns() - began;
	due->at_ns = began + due->chore->every_ns;
	if (took_ns > due->chore->every_ns)
		log_event(LOG_WARN, "slow_chore", "%s took %lld ms",
		    due->chore->name, (long long)(took_ns / NS_PER_MS));
}

static void
run_what_is_due(struct chores *c)
{
	for (size_t i = 0; i < c->n && !process_is_ending(); i++) {
		if (c->dues[i].at_ns > clock_mono_ns())
			continue;
		scoreboard_enter(c->process->slot, STAGE_WORKING, -1);
		run_chore(c, &c->dues[i]);
	}
	scoreboard_enter(c->process->slot, STAGE_IDLE, -1);
}

static int64_t
first_due(const struct chores *c)
{
	int64_t first = clock_mono_ns() + 60 * NS_PER_S;

	for (size_t i = 0; i < c->n; i++)
		if (c->dues[i].at_ns < first)
			first = c->dues[i].at_ns;
	return first;
}

/* Reading an eventfd resets it, however often it was written. */
static void
hurry(struct chores *c)
{
	uint64_t times;

	if (read(c->wake, &times, sizeof(times)) < 0 && errno != EAGAIN)
		log_event(LOG_WARN, "wake", "%s", strerror(errno));
	for (size_t i = 0; i < c->n; i++)
		if (c->dues[i].chore->urgent)
			c->dues[i].at_ns = clock_mono_ns();
}

static void
run_until_end(struct chores *c)
{
	while (!process_is_ending()) {
		run_what_is_due(c);
		if (process_wait(c->process, c->epoll, first_due(c)))
			hurry(c);
	}
}

void
chores_janitor(const struct process *process)
{
	struct chores c;

	open_chores(&c, process);
	run_until_end(&c);
	close_chores(&c);
	process_end(process);
}

void
chores_flusher(const struct process *process)
{
	struct chores c;

	open_chores(&c, process);
	run_until_end(&c);
	for (size_t i = 0; i < c.n; i++)
		run_chore(&c, &c.dues[i]);
	close_chores(&c);
	process_end(process);
}
