/*
 * The spawner: one loop around epoll_pwait(), one event at a time, so that no
 * event is left over for a thing that an earlier one has freed.
 *
 * It has the listening socket, the log and the folder of all databases, but no
 * memory of the program before it was executed anew.
 */
#include "lib/lite/spawner_impl.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/proc.h"
#include "lib/sandbox/landlock.h"
#include "lib/sandbox/sandbox.h"
#include "lib/sandbox/sandbox_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* The descriptors of an executed spawner. */
	LISTENER = 3,
	CONTROL = 4,
	OPTIONS = 5,
	LOOK_S = 2,
	/* For the statements that run when draining is over. */
	END_S = 5,
};

/* --- Becoming one --------------------------------------------------------- */

static int
write_options(const struct spawner_options *options)
{
	int fd = memfd_create("options", MFD_CLOEXEC);

	if (fd < 0 ||
	    pwrite(fd, options, sizeof(*options), 0) != sizeof(*options))
		die(EXIT_FAILURE, "options of keepers: %s", strerror(errno));
	return fd;
}

/* Standard error stays: it may be the log. */
static void
place_descriptors(int listener, int control, int options)
{
	int given[] = { listener, control, options }, high[ARRAY_LEN(given)];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_LEN(given); i++)
		high[i] = fcntl(given[i], F_DUPFD_CLOEXEC, OPTIONS + 1);
	for (size_t i = 0; i < ARRAY_LEN(given); i++)
		if (high[i] < 0 || dup2(high[i], LISTENER + (int)i) < 0)
			die(EXIT_FAILURE, "keepers: %s", strerror(errno));
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	close_range(OPTIONS + 1, ~0U, 0);
}

void
spawner_become(int listener, int control, const struct spawner_options *options)
{
	static char name[] = SPAWNER_NAME;
	char *const argv[] = { name, NULL };
	char *const none[] = { NULL };

	place_descriptors(listener, control, write_options(options));
	execve("/proc/self/exe", argv, none);
	_exit(EXIT_FAILURE);
}

/* --- Ending --------------------------------------------------------------- */

static void
begin_drain(struct spawner *s)
{
	s->drain_ns = clock_mono_ns() + s->options.drain_ns;
	for (struct kept *k = s->kept; k; k = k->next) {
		k->is_draining = true;
		kept_ask_to_leave(k);
	}
}

/* The databases whose streams were open when draining began are closed. */
static bool
has_drained(const struct spawner *s)
{
	const struct kept *k = s->kept;

	while (k && !k->is_draining)
		k = k->next;
	return !k || clock_mono_ns() >= s->drain_ns;
}

/* The listener is the supervisor's, which starts another spawner. */
static void
on_connection(struct spawner *s, struct source *source)
{
	(void)source;
	clients_accept(s);
}

/* The supervisor is gone: another one has a spawner of its own. */
static void
on_control(struct spawner *s, struct source *source)
{
	(void)source;
	spawner_forget(s, s->control);
	spawner_forget(s, s->listener);
	s->listener = -1;
	proc_ask_to_leave();
}

/* --- The loop ------------------------------------------------------------- */

bool
spawner_watch(struct spawner *s, int fd, struct source *source)
{
	struct epoll_event event = { .events = EPOLLIN };

	event.data.ptr = source;
	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/*
 * Closing is not enough: a keeper that was just forked still has a copy of the
 * descriptor, and epoll would go on to report events for the source.
 */
void
spawner_forget(struct spawner *s, int fd)
{
	epoll_ctl(s->epoll, EPOLL_CTL_DEL, fd, NULL);
	close(fd);
}

static void
wait_for_event(struct spawner *s, int64_t until_ns)
{
	struct epoll_event event;
	sigset_t open;

	sigemptyset(&open);
	if (epoll_pwait(s->epoll, &event, 1,
		until_ns ? clock_ms_left(until_ns) : -1, &open) == 1) {
		struct source *source = event.data.ptr;

		source->on_event(s, source);
	}
	if (proc_is_asked_to_reopen())
		log_reopen();
}

static void
do_what_is_due(struct spawner *s)
{
	int64_t now = clock_mono_ns(), due = clients_due(s);

	if (due && now >= due)
		clients_retry(s);
	if (now >= s->look_ns) {
		s->look_ns = now + LOOK_S * NS_PER_S;
		kept_end_stuck(s);
	}
}

/* Workers see the end of their sockets and ask the next spawner. */
static void NORETURN
leave(struct spawner *s)
{
	int64_t end_ns = clock_mono_ns() + END_S * NS_PER_S;

	clients_close(s);
	if (s->listener >= 0)
		epoll_ctl(s->epoll, EPOLL_CTL_DEL, s->listener, NULL);
	for (struct kept *k = s->kept; k; k = k->next)
		kept_ask_to_end(k);
	while (s->kept && clock_mono_ns() < end_ns)
		wait_for_event(s, end_ns);
	kept_kill_all(s);
	log_event(LOG_INFO, "keepers_closed", "all databases are closed");
	exit(EXIT_SUCCESS);
}

static void NORETURN
serve(struct spawner *s)
{
	for (;;) {
		int64_t due = clock_earlier(s->drain_ns, clients_due(s));

		wait_for_event(s, clock_earlier(due, s->kept ? s->look_ns : 0));
		do_what_is_due(s);
		if (proc_is_asked_to_leave() && !s->drain_ns)
			begin_drain(s);
		if (s->drain_ns && has_drained(s))
			leave(s);
	}
}

/* --- Starting ------------------------------------------------------------- */

static void
set_signals(void)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGUSR1);
	proc_block(&ours);
	proc_heed_signals();
	proc_on_signal(SIGCHLD, SIG_DFL);
}

static void
open_folder(struct spawner *s)
{
	(void)!mkdir(s->options.folder, 0700);
	s->folder = open(s->options.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->folder < 0)
		log_event(LOG_ERROR, "no_databases", "%s: %s",
		    s->options.folder, strerror(errno));
}

static void
shut_in(struct spawner *s)
{
	if (landlock_version() == 0)
		log_event(LOG_WARN, "no_landlock",
		    "the kernel has no Landlock: a keeper could open other"
		    " files");
	s->filter = sandbox_keeper_filter();
	if (!s->filter) {
		log_event(LOG_ERROR, "no_keepers", "no filter of system calls");
		_exit(EXIT_FAILURE);
	}
	proc_no_new_privileges();
	if (!sandbox_filter_starter())
		log_event(LOG_WARN, "no_filter",
		    "the kernel filters no system calls");
}

void
spawner_run(const struct hrana_schema *schema)
{
	static struct source connection = { on_connection };
	static struct source control = { on_control };
	static struct spawner s;

	s.schema = schema;
	s.listener = LISTENER;
	s.control = CONTROL;
	if (pread(OPTIONS, &s.options, sizeof(s.options), 0) !=
	    sizeof(s.options))
		_exit(EXIT_FAILURE);
	close(OPTIONS);
	proc_name(SPAWNER_NAME);
	(void)!log_open(s.options.log, s.options.level);
	set_signals();
	for (int fd = LISTENER; fd <= CONTROL; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	s.epoll = epoll_create1(EPOLL_CLOEXEC);
	open_folder(&s);
	shut_in(&s);
	if (!spawner_watch(&s, s.listener, &connection) ||
	    !spawner_watch(&s, s.control, &control)) {
		log_event(LOG_ERROR, "no_keepers", "epoll: %s",
		    strerror(errno));
		_exit(EXIT_FAILURE);
	}
	serve(&s);
}
