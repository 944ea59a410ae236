/*
 * Processes that ended. A process that left by itself or was asked to leave is
 * expected. Any other is logged with its stage and route, and each further
 * death in a short time delays its respawn more.
 */
#include "fcgi/serve/reaper.h"

#include "fcgi/http/route.h"
#include "fcgi/options.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/os/proc.h"
#include "lib/shm/scoreboard.h"

#include <sys/wait.h>

enum {
	/* A process that lived longer did not fail to start. */
	HEALTHY_LIFE_S = 5,
	BACKOFF_FIRST_MS = 100,
	BACKOFF_LONGEST_MS = 5000,
	/* This many deaths within this many seconds are a storm. */
	STORM_DEATHS = 10,
	STORM_S = 10,
	/* The storm ends when no process has died for this long. */
	CALM_S = 5,
};

/* No wait after the first death; each that follows soon doubles it. */
static void
plan_respawn(struct children *c, struct child *child)
{
	int64_t now = clock_mono_ns(), wait_ms = 0;

	if (now - child->born_ns >= HEALTHY_LIFE_S * NS_PER_S)
		child->strikes = 0;
	if (child->strikes) {
		wait_ms = BACKOFF_FIRST_MS;
		for (unsigned i = 1; i < child->strikes; i++)
			if (wait_ms < BACKOFF_LONGEST_MS)
				wait_ms *= 2;
	}
	if (wait_ms > BACKOFF_LONGEST_MS)
		wait_ms = BACKOFF_LONGEST_MS;
	child->strikes++;
	child->respawn_ns = now + wait_ms * NS_PER_MS;
	scoreboard_add(&c->scoreboard.head->respawns, 1);
}

static void
watch_for_storm(struct children *c)
{
	int64_t now = clock_mono_ns();

	if (now - c->deaths_since_ns > STORM_S * NS_PER_S) {
		c->deaths_since_ns = now;
		c->deaths = 0;
	}
	if (++c->deaths < STORM_DEATHS)
		return;
	c->scoreboard.head->storm_until_ns = now + CALM_S * NS_PER_S;
	if (c->deaths > STORM_DEATHS)
		return;
	scoreboard_add(&c->scoreboard.head->storms, 1);
	log_event(LOG_ERROR, "crash_storm",
	    "%d workers died within %d s; new ones start more slowly",
	    STORM_DEATHS, STORM_S);
}

static void
log_loss(const char *event, pid_t pid, const struct scoreboard_slot *slot,
    const char *how)
{
	const struct route *route =
	    slot->route < 0 ? NULL : route_at((size_t)slot->route);
	struct log_line l;

	log_begin(&l, LOG_WARN, event);
	log_text(&l, "pool", pool_at(slot->pool)->name);
	log_int(&l, "worker", pid);
	log_text(&l, "stage", scoreboard_stage_name(slot->stage));
	if (route) {
		log_text(&l, "method", method_name(route->method));
		log_text(&l, "route", route->path);
	}
	log_int(&l, "for_ms", (clock_mono_ns() - slot->since_ns) / NS_PER_MS);
	if (how)
		log_text(&l, "detail", how);
	log_end(&l);
}

void
reaper_kill(struct children *c, size_t i, const char *event)
{
	struct child *child = &c->all[i];

	if (!child->pid || child->is_killed)
		return;
	log_loss(event, child->pid, &c->scoreboard.slots[i], NULL);
	child->is_killed = true;
	kill(child->pid, SIGKILL);
}

static void
handle_end(struct children *c, struct child *child, int status)
{
	struct scoreboard_slot *slot = &c->scoreboard.slots[child - c->all];
	bool left_by_itself = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	char how[80];

	if (!child->is_leaving && !child->is_killed && !left_by_itself) {
		proc_describe_end(status, how, sizeof(how));
		log_loss("worker_died", child->pid, slot, how);
		watch_for_storm(c);
	}
	if (child->is_wanted && !left_by_itself)
		plan_respawn(c, child);
	child->pid = 0;
	scoreboard_vacate(slot);
}

static bool
remove_old_worker(struct children *c, pid_t pid)
{
	for (size_t i = 0; i < c->n_old_workers; i++)
		if (c->old_workers[i].pid == pid) {
			c->old_workers[i] = c->old_workers[--c->n_old_workers];
			return true;
		}
	return false;
}

static struct child *
child_of(struct children *c, pid_t pid)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->all[i].pid == pid)
			return &c->all[i];
	return NULL;
}

struct foreign_child
reaper_collect(struct children *c)
{
	struct foreign_child foreign = { 0 };
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child = child_of(c, pid);

		if (child)
			handle_end(c, child, status);
		else if (!remove_old_worker(c, pid))
			foreign = (struct foreign_child){ pid, status };
	}
	return foreign;
}

/* Killing the worker is the only sure way to end its request. */
void
reaper_kill_overdue(struct children *c)
{
	int64_t now = clock_mono_ns();

	for (size_t i = 0; i < c->n; i++) {
		const struct scoreboard_slot *slot = &c->scoreboard.slots[i];
		int64_t began = slot->request_ns;

		if (began && slot->pool < pools_count &&
		    !pool_at(slot->pool)->patient &&
		    now - began > c->opts->request_timeout)
			reaper_kill(c, i, "request_overdue");
	}
	for (size_t i = 0; i < c->n_old_workers; i++)
		if (now > c->old_workers_end_ns &&
		    !pool_at(c->old_workers[i].pool)->patient)
			kill(c->old_workers[i].pid, SIGKILL);
}
