/*
 * The supervisor: one loop around sigtimedwait().
 *
 * It has no signal handlers: all its signals are blocked, and sigtimedwait()
 * returns them one by one, or times out when something may be due.
 */
#include "fcgi/serve/supervisor.h"

#include "fcgi/options.h"
#include "fcgi/serve/children.h"
#include "fcgi/serve/reaper.h"
#include "fcgi/serve/reload.h"
#include "fcgi/serve/sockets.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/os/notify.h"
#include "lib/os/proc.h"
#include "lib/sandbox/sandbox.h"
#include "version.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 500, MOMENT_MS = 10 };

struct supervisor {
	struct conf *conf;
	const char *file;
	const struct options *opts;
	struct program program;
	struct sockets sockets;
	struct children children;
	pid_t checker; /* of the program that we are to become; 0: none */
	bool is_announced, is_draining;
	int64_t drain_end_ns;
	int64_t watchdog_ns, watched_ns;
};

static sigset_t
own_signals(void)
{
	static const int ours[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		SIGUSR2 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		sigaddset(&set, ours[i]);
	return set;
}

static void
begin_drain(struct supervisor *s)
{
	if (s->is_draining) {
		s->drain_end_ns = 0;
		return;
	}
	s->is_draining = true;
	s->drain_end_ns = clock_mono_ns() + s->opts->drain_timeout;
	log_event(LOG_INFO, "draining", "waiting for running requests");
	notify_say("STOPPING=1\nSTATUS=draining");
	sockets_close(&s->sockets);
	children_drain(&s->children);
}

static void
reload(struct supervisor *s)
{
	struct conf *fresh;

	if (s->is_draining)
		return;
	notify_say("RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)(clock_mono_ns() / NS_PER_US));
	s->is_announced = false;
	fresh = reload_read(s->file, s->conf);
	if (!fresh) {
		log_event(LOG_ERROR, "reload_refused",
		    "the new configuration is invalid; the old one stays in force");
		return;
	}
	log_event(LOG_INFO, "reloading", "workers are replaced one by one");
	s->opts = options_of(fresh);
	children_renew(&s->children, fresh);
	conf_free(s->conf);
	s->conf = fresh;
}

static void
reopen_logs(struct supervisor *s)
{
	log_reopen();
	children_signal(&s->children, SIGUSR1);
}

/* The new program checks the configuration before it takes over. */
static void
begin_upgrade(struct supervisor *s)
{
	if (s->is_draining || s->checker)
		return;
	s->checker = program_check(&s->program, s->file);
	if (s->checker < 0)
		s->checker = 0;
}

static void
end_upgrade(struct supervisor *s, int status)
{
	s->checker = 0;
	if (s->is_draining)
		return;
	if (status != 0) {
		log_event(LOG_ERROR, "upgrade_refused",
		    "%s: its check failed; the old program keeps running",
		    s->program.path);
		return;
	}
	log_event(LOG_INFO, "upgrading", "executing %s", s->program.path);
	notify_say("RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)(clock_mono_ns() / NS_PER_US));
	program_become(&s->program, &s->sockets);
	die(EXIT_FAILURE, "%s cannot be executed", s->program.path);
}

/* Waits for one signal, at most until something may be due. */
static void
take_signal(struct supervisor *s)
{
	bool hurry = s->is_draining || !children_are_settled(&s->children);
	struct timespec wait = { .tv_nsec = (hurry ? MOMENT_MS : TICK_MS) *
		    NS_PER_MS };
	sigset_t set = own_signals();

	if (!hurry && s->watchdog_ns && s->watchdog_ns < wait.tv_nsec)
		wait.tv_nsec = s->watchdog_ns;
	switch (sigtimedwait(&set, NULL, &wait)) {
	case SIGTERM:
	case SIGINT:
		begin_drain(s);
		break;
	case SIGHUP:
		reload(s);
		break;
	case SIGUSR1:
		reopen_logs(s);
		break;
	case SIGUSR2:
		begin_upgrade(s);
		break;
	default: /* SIGCHLD and the timeout: the loop looks at everything */
		break;
	}
}

static void
feed_watchdog(struct supervisor *s)
{
	int64_t now = clock_mono_ns();

	if (!s->watchdog_ns || now - s->watched_ns < s->watchdog_ns)
		return;
	s->watched_ns = now;
	notify_say("WATCHDOG=1");
}

/* Announces that all workers are ready or, after a reload, replaced. */
static void
announce(struct supervisor *s)
{
	size_t n = pools_workers(s->conf);

	if (s->is_announced || s->is_draining ||
	    !children_are_settled(&s->children))
		return;
	s->is_announced = true;
	log_event(LOG_INFO, "ready", "%zu processes", n);
	notify_say("READY=1\nMAINPID=%d\nSTATUS=io7 %s serves with %zu"
		   " processes",
	    (int)getpid(), IO7_VERSION, n);
}

static bool
has_ended(struct supervisor *s)
{
	return s->is_draining &&
	    children_left(&s->children, clock_mono_ns() >= s->drain_end_ns) ==
	    0;
}

static void
manage_children(struct supervisor *s)
{
	struct foreign_child foreign = reaper_collect(&s->children);

	if (foreign.pid && foreign.pid == s->checker)
		end_upgrade(s, foreign.status);
	children_fit(&s->children, &s->sockets);
	reaper_kill_overdue(&s->children);
}

/* Drops root for good, after everything that needs it was opened. */
static void
drop_root(const struct options *opts)
{
	const struct passwd *user;

	if (geteuid() != 0)
		return;
	if (opts->user[0] == '\0') {
		log_event(LOG_WARN, "serving_as_root",
		    "set IO7_USER to run as another user");
		return;
	}
	user = getpwnam(opts->user);
	if (user)
		log_hand_over(user->pw_uid);
	if (!sandbox_become(opts->user, opts->run_dir))
		die(EX_NOPERM, "IO7_USER: %s: %s", opts->user, strerror(errno));
}

int
supervisor_run(struct conf *conf, const char *file)
{
	struct supervisor s = {
		.conf = conf,
		.file = file,
		.opts = options_of(conf),
	};
	sigset_t set = own_signals();

	proc_block(&set);
	/*
	 * For all processes. A jq process may ask the kernel to send SIGIO, and
	 * its filter cannot limit to whom; only jq processes end by it.
	 */
	proc_on_signal(SIGIO, SIG_IGN);
	notify_open();
	s.watchdog_ns = notify_watchdog_ns();
	program_open(&s.program);
	children_open(&s.children, conf);
	sockets_open(&s.sockets, s.opts);
	drop_root(s.opts);
	children_fit(&s.children, &s.sockets);
	log_event(LOG_INFO, "serving", "%zu processes", pools_workers(s.conf));
	do {
		take_signal(&s);
		manage_children(&s);
		announce(&s);
		feed_watchdog(&s);
	} while (!has_ended(&s));
	log_event(LOG_INFO, "stopped", "all processes have left");
	children_close(&s.children);
	program_close(&s.program);
	conf_free(s.conf);
	return EXIT_SUCCESS;
}
