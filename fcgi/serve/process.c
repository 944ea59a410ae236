/*
 * Starting, waiting and ending of a pool's process.
 *
 * Signals are unblocked only while it waits. So they interrupt no request, and
 * none is missed between the check of the flags and the wait.
 */
#include "fcgi/serve/process.h"

#include "fcgi/db/db.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/os/proc.h"
#include "lib/sandbox/sandbox.h"
#include "lib/shm/scoreboard.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

/* A runner starts a process for each item of some kinds. */
static bool
filter_calls(const struct pool *pool)
{
	return pool->run == RUN_RUNNER ? sandbox_filter_starter()
				       : sandbox_filter();
}

/* Ctrl-C signals the whole process group: only the supervisor acts on it. */
void
process_begin(const struct process *process)
{
	char name[16];

	snprintf(name, sizeof(name), "io7-%s", process->pool->name);
	proc_name(name);
	proc_no_new_privileges();
	if (!filter_calls(process->pool))
		log_event(LOG_WARN, "no_filter",
		    "the kernel filters no system calls");
	proc_heed_signals();
	process->slot->pid = (int32_t)getpid();
	scoreboard_enter(process->slot, STAGE_STARTING, -1);
}

static void
watch(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die(EXIT_FAILURE, "epoll: %s", strerror(errno));
}

/* EPOLLEXCLUSIVE: a connection wakes one idle worker and not all of them. */
int
process_epoll(const struct process *process, int fd)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		die(EXIT_FAILURE, "epoll: %s", strerror(errno));
	watch(epoll, process->control, EPOLLIN);
	if (fd >= 0)
		watch(epoll, fd, EPOLLIN | EPOLLEXCLUSIVE);
	return epoll;
}

void
process_watch_end(int epoll, int fd)
{
	watch(epoll, fd, EPOLLRDHUP);
}

bool
process_wait(const struct process *process, int epoll, int64_t deadline_ns)
{
	struct epoll_event events[2];
	sigset_t open;
	bool ready = false;
	int n;

	sigemptyset(&open);
	n = epoll_pwait(epoll, events, 2, clock_ms_left(deadline_ns), &open);
	for (int i = 0; i < n; i++) {
		if (events[i].data.fd == process->control)
			proc_ask_to_leave();
		else
			ready = true;
	}
	if (proc_is_asked_to_reopen())
		log_reopen();
	return ready;
}

bool
process_is_ending(void)
{
	return proc_is_asked_to_leave();
}

struct service
process_service(const struct process *process)
{
	const struct pool *pool = process->pool;
	struct service service = {
		.conf = process->conf,
		.opts = process->opts,
		.db = db_new(process->opts, pool->role, pool->name),
		.scoreboard = process->scoreboard,
		.usage_journal = process->usage_journal,
		.errors = process->errors,
		.epochs = process->epochs,
		.leases = process->leases,
		.wake = process->wake,
		.pool = pool,
		.control = process->control,
		.is_ending = process_is_ending,
	};

	db_share_scoreboard(service.db, process->scoreboard);
	return service;
}

void
process_end(const struct process *process)
{
	scoreboard_enter(process->slot, STAGE_LEAVING, -1);
	log_flush();
	exit(EXIT_SUCCESS);
}

void
process_become(const struct process *process)
{
	const struct pool *pool = process->pool;

	process->slot->pid = (int32_t)getpid();
	scoreboard_enter(process->slot, STAGE_IDLE, -1);
	pool->become(process->conf, process->listener, process->control);
	BUG("pool %s became no other program", pool->name);
}
