/*
 * The loop of a runner. Chores run between the batches of items.
 */
#include "fcgi/serve/runner.h"

#include "fcgi/db/db.h"
#include "fcgi/serve/timetable.h"
#include "fcgi/work/runner.h"

#include <unistd.h>

static void
wait_for_work(const struct process *process, struct runner *runner,
    struct timetable *timetable, int epoll)
{
	int64_t due = timetable_due_ns(timetable);

	if (runner_due_ns(runner) < due)
		due = runner_due_ns(runner);
	if (process_wait(process, epoll, due) && timetable_hurry(timetable))
		runner_look(runner);
}

void
runner_run(const struct process *process)
{
	struct service service = process_service(process);
	struct timetable timetable;
	struct runner *runner;
	int epoll;

	timetable_open(&timetable, process, &service);
	epoll =
	    process_epoll(process, process->wake[pool_number(process->pool)]);
	process_begin(process);
	runner = runner_open(&service, process->slot, epoll);
	while (!process_is_ending()) {
		timetable_run(&timetable);
		if (!runner_work(runner))
			wait_for_work(process, runner, &timetable, epoll);
	}
	runner_close(runner);
	close(epoll);
	timetable_close(&timetable);
	db_free(service.db);
	process_end(process);
}
