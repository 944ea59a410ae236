/*
 * Items in processes of their own.
 *
 * A process reports by one write to its pipe, which is short enough to arrive as
 * a whole. If the pipe ends without a report, the process died.
 */
#include "fcgi/work/runner_impl.h"

#include "fcgi/db/db.h"
#include "fcgi/pools.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/os/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A handler that keeps its deadline ends before it is killed. */
#define KILL_AFTER_NS (2 * NS_PER_S)

#define FORK_AGAIN_US US_PER_S

enum { ITEM_MEMORY = 1 << 20 };

struct report {
	enum work_outcome outcome;
	int64_t pause_us;
	size_t why_n;
	char why[RUNNER_WHY];
};

_Static_assert(sizeof(struct report) <= 4096, "one write to a pipe");

/* --- The process ----------------------------------------------------------- */

/*
 * Closes the runner's connections: what both sent would be mixed. Standard error
 * may be a socket of the system's log.
 */
static void
close_sockets(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	struct stat st;

	if (!dir)
		_exit(EXIT_FAILURE);
	while ((entry = readdir(dir))) {
		uint64_t fd;

		if (str_to_u64(str_of(entry->d_name), &fd) &&
		    fd > STDERR_FILENO && fstat((int)fd, &st) == 0 &&
		    S_ISSOCK(st.st_mode))
			close((int)fd);
	}
	closedir(dir);
}

static void
say(int pipe, const struct work *work, enum work_outcome outcome)
{
	struct report report = {
		.outcome = outcome,
		.pause_us = work->pause_us,
		.why_n = work->why ? strlen(work->why) : 0,
	};

	if (report.why_n > sizeof(report.why))
		report.why_n = sizeof(report.why);
	memcpy(report.why, work->why ? work->why : "", report.why_n);
	(void)!write(pipe, &report, sizeof(report));
}

static void NORETURN
become_item(const struct runner *r, struct work *work, pid_t parent, int pipe)
{
	static struct service service;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	proc_name("io7-work");
	close_sockets();
	service = *r->service;
	service.db = db_new(service.opts, service.pool->role, "work");
	service.usage_journal = NULL;
	service.errors = NULL;
	work->service = &service;
	work->mem = arena_must_new((size_t)service.opts->request_memory);
	say(pipe, work, work->kind->run(work));
	log_flush();
	_exit(EXIT_SUCCESS);
}

/* --- The runner ------------------------------------------------------------ */

static struct apart *
free_place(struct runner *r)
{
	for (size_t i = 0; i < r->opts->processes; i++)
		if (!r->apart[i].pid)
			return &r->apart[i];
	BUG("more items than processes");
}

/* The memory of the turn does not last as long as the process. */
static bool
copy_work(struct apart *a, const struct work *work)
{
	if (!a->mem)
		a->mem = arena_new(ITEM_MEMORY);
	if (!a->mem)
		return false;
	a->work = *work;
	a->work.mem = a->mem;
	a->work.args.p = arena_copy(a->mem, work->args.p, work->args.n);
	if (work->error.p)
		a->work.error.p =
		    arena_copy(a->mem, work->error.p, work->error.n);
	return a->work.args.p && (!work->error.p || a->work.error.p);
}

static bool
watch(const struct runner *r, int pipe)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = pipe };

	return epoll_ctl(r->epoll, EPOLL_CTL_ADD, pipe, &event) == 0;
}

static bool
start_process(struct runner *r, struct apart *a)
{
	pid_t parent = getpid(), pid;
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return false;
	log_flush();
	pid = watch(r, pipe[0]) ? fork() : -1;
	if (pid == 0)
		become_item(r, &a->work, parent, pipe[1]);
	close(pipe[1]);
	if (pid < 0) {
		close(pipe[0]);
		return false;
	}
	a->pid = pid;
	a->pipe = pipe[0];
	a->killed = KILL_NOT;
	a->kill_ns = a->work.deadline_ns + KILL_AFTER_NS;
	r->apart_n++;
	return true;
}

static void
try_later(struct runner *r, struct apart *a)
{
	log_event(LOG_ERROR, "fork_failed", "%s", strerror(errno));
	a->work.pause_us = FORK_AGAIN_US;
	runner_end(r, &a->work, WORK_LATER);
}

void
runner_start(struct runner *r, const struct work *work)
{
	struct apart *a = free_place(r);
	enum work_outcome outcome = WORK_DONE;

	if (!copy_work(a, work)) {
		runner_give_back(r, work);
		return;
	}
	a->work.deadline_ns = clock_mono_ns() + work->kind->timeout_ns;
	if (work->kind->begin)
		outcome = work->kind->begin(&a->work);
	if (outcome != WORK_DONE)
		runner_end(r, &a->work, outcome);
	else if (!start_process(r, a))
		try_later(r, a);
	if (!a->pid)
		arena_reset(a->mem);
}

/* The owner of the item may read it. */
static const char *
why_it_died(const struct apart *a, int status)
{
	char *why = arena_alloc(a->mem, RUNNER_WHY);
	char how[80];

	if (!why)
		return NULL;
	proc_describe_end(status, how, sizeof(how));
	if (a->killed == KILL_LATE)
		snprintf(why, RUNNER_WHY, "It took longer than %lld s.",
		    (long long)(a->work.kind->timeout_ns / NS_PER_S));
	else if (a->killed == KILL_STOP)
		snprintf(why, RUNNER_WHY, "The runner was stopped.");
	else
		snprintf(why, RUNNER_WHY, "Its process died: %s.", how);
	return why;
}

static void
log_death(const struct apart *a, int status)
{
	struct log_line l;
	char how[80];

	proc_describe_end(status, how, sizeof(how));
	log_begin(&l, LOG_WARN, "work_process_died");
	log_text(&l, "kind", a->work.kind->name);
	log_int(&l, "item", a->work.id);
	log_text(&l, "detail",
	    a->killed == KILL_LATE       ? "time limit"
		: a->killed == KILL_STOP ? "drain timeout"
		: a->killed == KILL_LOST ? "its lease ended"
					 : how);
	log_end(&l);
}

static void
end_process(struct runner *r, struct apart *a, const struct report *report)
{
	enum work_outcome outcome = WORK_FAILED;
	int status = 0;

	/* The pipe of a later process can have the same number. */
	epoll_ctl(r->epoll, EPOLL_CTL_DEL, a->pipe, NULL);
	close(a->pipe);
	waitpid(a->pid, &status, 0);
	a->pid = 0;
	r->apart_n--;
	if (report) {
		outcome = report->outcome;
		a->work.pause_us = report->pause_us;
		a->work.why = report->why_n
		    ? arena_copy(a->mem, report->why, report->why_n)
		    : NULL;
	} else {
		log_death(a, status);
		a->work.why = why_it_died(a, status);
		a->work.pause_us = a->killed == KILL_STOP;
	}
	if (a->killed != KILL_LOST)
		runner_end(r, &a->work, outcome);
	arena_reset(a->mem);
}

void
runner_kill(struct apart *a, enum kill_reason reason)
{
	if (a->killed)
		return;
	a->killed = reason;
	kill(a->pid, SIGKILL);
}

void
runner_kill_all(struct runner *r, enum kill_reason reason)
{
	for (size_t i = 0; i < r->opts->processes; i++)
		if (r->apart[i].pid)
			runner_kill(&r->apart[i], reason);
}

void
runner_collect(struct runner *r)
{
	struct report report;

	for (size_t i = 0; i < r->opts->processes; i++) {
		struct apart *a = &r->apart[i];
		ssize_t n;

		if (!a->pid)
			continue;
		n = read(a->pipe, &report, sizeof(report));
		if (n >= 0)
			end_process(r, a,
			    n == (ssize_t)sizeof(report) ? &report : NULL);
		else if (clock_mono_ns() >= a->kill_ns)
			runner_kill(a, KILL_LATE);
	}
}

void
runner_wait(const struct runner *r, int64_t deadline_ns)
{
	struct pollfd pipes[RUNNER_PROCESSES];
	nfds_t n = 0;

	for (size_t i = 0; i < r->opts->processes; i++)
		if (r->apart[i].pid)
			pipes[n++] = (struct pollfd){ .fd = r->apart[i].pipe,
				.events = POLLIN };
	poll(pipes, n, clock_ms_left(deadline_ns));
}
