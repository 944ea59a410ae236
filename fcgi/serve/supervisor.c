/*
 * The supervisor: one loop that waits for signals as others wait for sockets.
 *
 * It has no signal handler: all its signals are blocked and taken one by one
 * from sigtimedwait, whose timeout is the next respawn or the drain's end.
 */
#include "fcgi/serve/supervisor.h"

#include "fcgi/http/route.h"
#include "fcgi/serve/janitor.h"
#include "fcgi/serve/worker.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	BACKLOG = 4096,
	TICK_MS = 500,
	/* A worker that lived that long died of something else than its start. */
	SOUND_LIFE_S = 5,
	BACKOFF_FIRST_MS = 100,
	BACKOFF_LONGEST_MS = 5000,
	/* That many deaths within that time are a storm. */
	STORM_DEATHS = 10,
	STORM_S = 10,
};

struct child {
	pid_t pid; /* 0: none */
	size_t pool;
	int64_t born_ns, respawn_ns;
	unsigned strikes;
	bool asked_to_leave, killed;
};

struct supervisor {
	const struct options *opts;
	struct board board;
	int listeners[POOLS_MAX];
	int control[2];
	struct child *children;
	size_t n;
	bool draining;
	int64_t drain_end_ns;
	size_t deaths;
	int64_t deaths_since_ns;
};

static void
socket_path(const struct supervisor *s, const struct pool *pool, char *to,
    size_t size)
{
	snprintf(to, size, "%s/%s", s->opts->run_dir, pool->socket);
}

static gid_t
socket_group(const struct options *opts)
{
	const struct group *group =
	    opts->socket_group[0] ? getgrnam(opts->socket_group) : NULL;

	return group ? group->gr_gid : (gid_t)-1;
}

static void
open_listeners(struct supervisor *s)
{
	char path[128];

	for (size_t i = 0; i < pools_count; i++) {
		s->listeners[i] = -1;
		if (!pools[i].socket)
			continue;
		socket_path(s, &pools[i], path, sizeof(path));
		s->listeners[i] =
		    proc_listen(path, BACKLOG, socket_group(s->opts));
		if (s->listeners[i] < 0)
			die(EX_OSERR, "%s: %s", path, strerror(errno));
	}
}

/* In the folder, so that two supervisors cannot share a board by accident. */
static void
open_board(struct supervisor *s)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/board", s->opts->run_dir);
	if (!board_create(&s->board, path, pools_workers(s->opts)))
		die(EX_OSERR, "%s: %s", path, strerror(errno));
}

static void
open_children(struct supervisor *s)
{
	size_t slot = 0;

	s->n = pools_workers(s->opts);
	s->children = calloc(s->n, sizeof(*s->children));
	if (!s->children)
		die(EXIT_FAILURE, "no memory for %zu workers", s->n);
	for (size_t i = 0; i < pools_count; i++)
		for (size_t w = pool_workers(&pools[i], s->opts); w > 0; w--) {
			s->board.slots[slot].pool = (uint32_t)i;
			s->children[slot++].pool = i;
		}
}

static sigset_t
own_signals(void)
{
	static const int ours[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1 };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		sigaddset(&set, ours[i]);
	return set;
}

/* Never returns. The child keeps its own pool's listener and the pipe's end. */
static void NORETURN
become_worker(struct supervisor *s, size_t slot)
{
	size_t pool = s->children[slot].pool;
	struct post post = {
		.opts = s->opts,
		.pool = &pools[pool],
		.board = &s->board,
		.slot = &s->board.slots[slot],
		.listener = s->listeners[pool],
		.control = s->control[0],
	};

	close(s->control[1]);
	for (size_t i = 0; i < pools_count; i++)
		if (i != pool && s->listeners[i] >= 0)
			close(s->listeners[i]);
	if (post.listener < 0)
		janitor_run(&post);
	worker_run(&post);
}

static void
spawn(struct supervisor *s, size_t slot)
{
	struct child *c = &s->children[slot];
	pid_t pid = fork();

	if (pid == 0)
		become_worker(s, slot);
	c->born_ns = clock_mono_ns();
	if (pid < 0) {
		log_event(LOG_ERROR, "fork_failed", "%s", strerror(errno));
		c->respawn_ns = c->born_ns + BACKOFF_LONGEST_MS * NS_PER_MS;
		return;
	}
	c->pid = pid;
	c->asked_to_leave = c->killed = false;
}

/* The first death costs no wait; each that follows soon doubles it. */
static void
plan_respawn(struct supervisor *s, struct child *c)
{
	int64_t now = clock_mono_ns(), wait_ms = 0;

	if (now - c->born_ns >= SOUND_LIFE_S * NS_PER_S)
		c->strikes = 0;
	if (c->strikes) {
		wait_ms = BACKOFF_FIRST_MS;
		for (unsigned i = 1; i < c->strikes; i++)
			if (wait_ms < BACKOFF_LONGEST_MS)
				wait_ms *= 2;
	}
	if (wait_ms > BACKOFF_LONGEST_MS)
		wait_ms = BACKOFF_LONGEST_MS;
	c->strikes++;
	c->respawn_ns = now + wait_ms * NS_PER_MS;
	board_add(&s->board.head->respawns, 1);
}

static void
watch_for_storm(struct supervisor *s)
{
	int64_t now = clock_mono_ns();

	if (now - s->deaths_since_ns > STORM_S * NS_PER_S) {
		s->deaths_since_ns = now;
		s->deaths = 0;
	}
	if (++s->deaths != STORM_DEATHS)
		return;
	board_add(&s->board.head->storms, 1);
	log_event(LOG_ERROR, "crash_storm",
	    "%d workers died within %d s; new ones start more slowly",
	    STORM_DEATHS, STORM_S);
}

static void
log_loss(const char *event, const struct child *c,
    const struct board_slot *slot, const char *how)
{
	const struct route *route =
	    slot->route < 0 ? NULL : route_at((size_t)slot->route);
	struct log_line l;

	log_begin(&l, LOG_WARN, event);
	log_text(&l, "pool", pools[c->pool].name);
	log_int(&l, "worker", c->pid);
	log_text(&l, "stage", board_stage_name(slot->stage));
	if (route) {
		log_text(&l, "method", method_name(route->method));
		log_text(&l, "route", route->path);
	}
	log_int(&l, "for_ms", (clock_mono_ns() - slot->since_ns) / NS_PER_MS);
	if (how)
		log_text(&l, "detail", how);
	log_end(&l);
}

static struct child *
child_of(struct supervisor *s, pid_t pid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->children[i].pid == pid)
			return &s->children[i];
	return NULL;
}

static void
reap(struct supervisor *s)
{
	char how[80];
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *c = child_of(s, pid);
		struct board_slot *slot;

		if (!c)
			continue;
		slot = &s->board.slots[c - s->children];
		if (!c->asked_to_leave && !c->killed) {
			proc_describe_end(status, how, sizeof(how));
			log_loss("worker_died", c, slot, how);
			watch_for_storm(s);
		}
		if (!s->draining)
			plan_respawn(s, c);
		c->pid = 0;
		board_vacate(slot);
	}
}

static void
respawn_due(struct supervisor *s)
{
	int64_t now = clock_mono_ns();

	if (s->draining)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (!s->children[i].pid && s->children[i].respawn_ns <= now)
			spawn(s, i);
}

static void
kill_child(struct supervisor *s, size_t i, const char *event)
{
	struct child *c = &s->children[i];

	if (!c->pid || c->killed)
		return;
	log_loss(event, c, &s->board.slots[i], NULL);
	c->killed = true;
	kill(c->pid, SIGKILL);
}

/* A request past its limit takes its worker with it: nothing else is sure. */
static void
end_overdue(struct supervisor *s)
{
	int64_t now = clock_mono_ns();

	for (size_t i = 0; i < s->n; i++) {
		int64_t began = s->board.slots[i].request_ns;

		if (began && !pools[s->children[i].pool].patient &&
		    now - began > s->opts->request_timeout)
			kill_child(s, i, "request_overdue");
	}
}

/* The paths first: from then on they are the next supervisor's to take. */
static void
close_listeners(struct supervisor *s)
{
	char path[128];

	for (size_t i = 0; i < pools_count; i++) {
		if (s->listeners[i] < 0)
			continue;
		socket_path(s, &pools[i], path, sizeof(path));
		unlink(path);
		close(s->listeners[i]);
	}
}

static void
begin_drain(struct supervisor *s)
{
	if (s->draining) {
		s->drain_end_ns = 0;
		return;
	}
	s->draining = true;
	s->drain_end_ns = clock_mono_ns() + s->opts->drain_timeout;
	log_event(LOG_INFO, "draining", "requests under way may finish");
	close_listeners(s);
	for (size_t i = 0; i < s->n; i++)
		if (s->children[i].pid) {
			s->children[i].asked_to_leave = true;
			kill(s->children[i].pid, SIGTERM);
		}
}

static bool
is_drained(struct supervisor *s)
{
	bool late = clock_mono_ns() >= s->drain_end_ns;
	size_t left = 0;

	for (size_t i = 0; i < s->n; i++) {
		left += s->children[i].pid != 0;
		if (late)
			kill_child(s, i, "ended_in_drain");
	}
	return left == 0;
}

static void
reopen_logs(struct supervisor *s)
{
	log_reopen();
	for (size_t i = 0; i < s->n; i++)
		if (s->children[i].pid)
			kill(s->children[i].pid, SIGUSR1);
}

/* Waits for one signal, at most until the next thing is due. */
static void
take_signal(struct supervisor *s)
{
	static const struct timespec tick = { 0, TICK_MS * NS_PER_MS };
	static const struct timespec moment = { 0, 20 * NS_PER_MS };
	sigset_t set = own_signals();
	bool hurry = s->draining;

	for (size_t i = 0; i < s->n; i++)
		hurry = hurry || !s->children[i].pid;
	switch (sigtimedwait(&set, NULL, hurry ? &moment : &tick)) {
	case SIGTERM:
	case SIGINT:
		begin_drain(s);
		break;
	case SIGUSR1:
		reopen_logs(s);
		break;
	default: /* SIGCHLD and the timeout: the loop looks at everything */
		break;
	}
}

int
supervisor_run(const struct options *opts)
{
	struct supervisor s = { .opts = opts };
	sigset_t set = own_signals();

	proc_block(&set);
	open_listeners(&s);
	open_board(&s);
	open_children(&s);
	if (pipe2(s.control, O_CLOEXEC) < 0)
		die(EX_OSERR, "pipe: %s", strerror(errno));
	for (size_t i = 0; i < s.n; i++)
		spawn(&s, i);
	log_event(LOG_INFO, "serving", "%zu processes", s.n);
	do {
		take_signal(&s);
		reap(&s);
		respawn_due(&s);
		end_overdue(&s);
	} while (!s.draining || !is_drained(&s));
	log_event(LOG_INFO, "stopped", "all processes have left");
	board_close(&s.board);
	free(s.children);
	return EXIT_SUCCESS;
}
