/*
 * The loop over the chores of one pool.
 */
#include "fcgi/serve/chores.h"

#include "fcgi/db/db.h"
#include "fcgi/serve/timetable.h"

#include <unistd.h>

struct chores {
	const struct process *process;
	struct service service;
	struct timetable timetable;
	int epoll;
};

static void
open_chores(struct chores *c, const struct process *process)
{
	*c = (struct chores){ .process = process };
	c->service = process_service(process);
	c->service.errors = process->all_errors;
	timetable_open(&c->timetable, process, &c->service);
	c->epoll =
	    process_epoll(process, process->wake[pool_number(process->pool)]);
	process_begin(process);
}

static void
close_chores(struct chores *c)
{
	close(c->epoll);
	timetable_close(&c->timetable);
	db_free(c->service.db);
}

static void
run_until_end(struct chores *c)
{
	while (!process_is_ending()) {
		timetable_run(&c->timetable);
		if (process_wait(c->process, c->epoll,
			timetable_due_ns(&c->timetable)))
			timetable_hurry(&c->timetable);
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
	timetable_run_all(&c.timetable);
	close_chores(&c);
	process_end(process);
}
