/*
 * The timetable of a process that runs chores.
 */
#include "fcgi/serve/timetable.h"

#include "fcgi/options.h"
#include "fcgi/rooms.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/shm/scoreboard.h"

#include <errno.h>
#include <unistd.h>

static bool
is_of(const struct chore *chore, const struct pool *pool)
{
	return pool == (chore->pool ? chore->pool : &janitor_pool);
}

static void
add_chore(struct timetable *t, const struct chore *chore)
{
	if (t->n == CHORES_MAX)
		BUG("more than %d chores", CHORES_MAX);
	t->rows[t->n].chore = chore;
	t->rows[t->n++].at_ns = clock_mono_ns();
}

void
timetable_open(struct timetable *t, const struct process *process,
    const struct service *service)
{
	*t = (struct timetable){
		.process = process,
		.service = service,
		.mem = arena_must_new((size_t)process->opts->request_memory),
	};
	for (size_t i = 0; i < rooms_count; i++)
		for (size_t n = 0; n < rooms[i]->chores.n; n++)
			if (is_of(&rooms[i]->chores.rows[n], process->pool))
				add_chore(t, &rooms[i]->chores.rows[n]);
}

void
timetable_close(struct timetable *t)
{
	arena_free(t->mem);
}

/* A missed run is not made up for: the next one counts from now. */
static void
run_chore(struct timetable *t, size_t i)
{
	const struct chore *chore = t->rows[i].chore;
	int64_t began = clock_mono_ns(), took_ns;

	scoreboard_enter(t->process->slot, STAGE_WORKING, -1);
	chore->run(t->service, t->mem);
	arena_reset(t->mem);
	took_ns = clock_mono_ns() - began;
	t->rows[i].at_ns = began + chore->every_ns;
	if (took_ns > chore->every_ns)
		log_event(LOG_WARN, "slow_chore", "%s took %lld ms",
		    chore->name, (long long)(took_ns / NS_PER_MS));
}

void
timetable_run(struct timetable *t)
{
	for (size_t i = 0; i < t->n && !process_is_ending(); i++)
		if (t->rows[i].at_ns <= clock_mono_ns())
			run_chore(t, i);
	scoreboard_enter(t->process->slot, STAGE_IDLE, -1);
}

void
timetable_run_all(struct timetable *t)
{
	for (size_t i = 0; i < t->n; i++)
		run_chore(t, i);
}

int64_t
timetable_due_ns(const struct timetable *t)
{
	int64_t first = clock_mono_ns() + 60 * NS_PER_S;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].at_ns < first)
			first = t->rows[i].at_ns;
	return first;
}

/* Reading an eventfd resets it, however often it was written. */
bool
timetable_hurry(struct timetable *t)
{
	const struct process *process = t->process;
	int wake = process->wake[pool_number(process->pool)];
	uint64_t times = 0;

	if (read(wake, &times, sizeof(times)) < 0) {
		if (errno != EAGAIN)
			log_event(LOG_WARN, "wake", "%s", strerror(errno));
		return false;
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].chore->urgent)
			t->rows[i].at_ns = clock_mono_ns();
	return true;
}
