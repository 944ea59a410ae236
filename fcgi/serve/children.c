/*
 * A pool has as many wanted places as its option says. An outdated place is
 * given up only when the one that replaces it is ready. Each place is a slot of
 * the scoreboard and keeps its pool, because its counters are the pool's.
 */
#include "fcgi/serve/children.h"

#include "fcgi/http/route.h"
#include "fcgi/options.h"
#include "fcgi/serve/chores.h"
#include "fcgi/serve/listener.h"
#include "fcgi/serve/reaper.h"
#include "fcgi/serve/runner.h"
#include "fcgi/serve/worker.h"
#include "fcgi/work/kinds.h"
#include "lib/base/fnv.h"
#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "lib/os/notify.h"
#include "lib/shm/epoch.h"
#include "lib/shm/error_buffer.h"
#include "lib/shm/lease_table.h"
#include "lib/shm/scoreboard.h"
#include "lib/shm/usage_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	SPARE_SLOTS = 8,
	FORK_AGAIN_MS = 1000,
	/* For the flusher's last run: longer than a statement may take. */
	LAST_FLUSH_S = 10,
};

/* --- Places -------------------------------------------------------------- */

static void *
grow_array(void *had, size_t n, size_t size)
{
	void *has = reallocarray(had, n, size);

	if (!has)
		die(EXIT_FAILURE, "no memory for %zu processes", n);
	return has;
}

static void
begin_places(struct children *c)
{
	size_t n = scoreboard_slots(&c->scoreboard);

	c->all = grow_array(c->all, n, sizeof(*c->all));
	for (; c->n < n; c->n++)
		c->all[c->n] = (struct child){ .replaces = NO_PLACE };
}

static bool
is_free(const struct children *c, size_t i, uint32_t pool)
{
	return !c->all[i].pid && !c->all[i].is_wanted &&
	    c->scoreboard.slots[i].pool == pool;
}

/* A place that the pool had before, or a new one; NO_PLACE: no memory. */
static size_t
find_place(struct children *c, size_t pool)
{
	size_t n = c->n;

	for (size_t i = 0; i < n; i++)
		if (is_free(c, i, (uint32_t)pool))
			return i;
	for (size_t i = 0; i < n; i++)
		if (is_free(c, i, SCOREBOARD_NO_POOL))
			return i;
	if (!usage_journal_grow(&c->usage_journal, n + SPARE_SLOTS) ||
	    !scoreboard_grow(&c->scoreboard, n + SPARE_SLOTS)) {
		log_event(LOG_ERROR, "board_full", "%s", strerror(errno));
		return NO_PLACE;
	}
	begin_places(c);
	return n;
}

static bool
add_place(struct children *c, size_t pool, size_t replaces)
{
	size_t i = find_place(c, pool);

	if (i == NO_PLACE)
		return false;
	c->all[i] = (struct child){ .is_wanted = true, .replaces = replaces };
	c->scoreboard.slots[i].pool = (uint32_t)pool;
	return true;
}

static void
ask_to_leave(struct child *child)
{
	child->is_leaving = true;
	if (child->pid)
		kill(child->pid, SIGTERM);
}

static void
give_up(struct child *child)
{
	child->is_wanted = false;
	ask_to_leave(child);
}

/* --- Beginning ----------------------------------------------------------- */

/* A hash that identifies what is counted by number: routes, kinds of work. */
static uint64_t
tables_mark(void)
{
	uint64_t mark = FNV_START;
	const struct route *route;

	for (size_t i = 0; (route = route_at(i)); i++) {
		uint8_t method = (uint8_t)route->method;

		mark = fnv(mark, &method, sizeof(method));
		mark = fnv(mark, route->path, strlen(route->path));
	}
	for (size_t i = 0; i < kinds_count; i++)
		mark = fnv(mark, kind_at(i)->name, strlen(kind_at(i)->name));
	return mark;
}

/* Adopts the counters and the processes of an earlier supervisor. */
static void
take_over(struct children *c, const struct scoreboard *older)
{
	scoreboard_fold(&c->scoreboard, older);
	for (size_t i = 0; i < scoreboard_slots(older); i++) {
		const struct scoreboard_slot *slot = &older->slots[i];

		if (slot->pid <= 0 || slot->pool >= pools_count ||
		    waitpid(slot->pid, NULL, WNOHANG) != 0)
			continue;
		c->old_workers = grow_array(c->old_workers,
		    c->n_old_workers + 1, sizeof(*c->old_workers));
		c->old_workers[c->n_old_workers++] =
		    (struct old_worker){ slot->pid, slot->pool };
	}
	c->old_workers_end_ns = clock_mono_ns() + c->opts->request_timeout;
}

/* The scoreboard first: its lock keeps a second supervisor out. */
static void
create_shared_memory(struct children *c)
{
	size_t slots = pools_workers(c->conf) + SPARE_SLOTS;
	char stem[160];

	snprintf(stem, sizeof(stem), "%s/usage", c->opts->run_dir);
	if (!scoreboard_create(&c->scoreboard, c->scoreboard_path, slots,
		tables_mark()))
		die(EX_OSERR, "%s: %s", c->scoreboard_path, strerror(errno));
	if (!usage_journal_create(&c->usage_journal, stem, slots))
		die(EX_OSERR, "%s: %s", stem, strerror(errno));
	c->errors = error_buffer_create();
	if (!c->errors)
		die(EX_OSERR, "error buffer: %s", strerror(errno));
	c->epochs = epochs_create();
	c->leases = lease_table_create();
	if (!c->epochs || !c->leases)
		die(EX_OSERR, "leases: %s", strerror(errno));
}

/* A worker wakes a process that runs chores through its eventfd. */
static void
create_wakes(struct children *c)
{
	for (size_t p = 0; p < pools_count; p++) {
		enum pool_run run = pool_at(p)->run;

		c->wake[p] = -1;
		if (run == RUN_WORKER || run == RUN_OTHER)
			continue;
		c->wake[p] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (c->wake[p] < 0)
			die(EX_OSERR, "eventfd: %s", strerror(errno));
	}
}

void
children_open(struct children *c, const struct conf *conf)
{
	const struct options *opts = options_of(conf);
	struct scoreboard older;
	bool has_older;

	c->conf = conf;
	c->opts = opts;
	snprintf(c->scoreboard_path, sizeof(c->scoreboard_path), "%s/board",
	    opts->run_dir);
	has_older = scoreboard_open(&older, c->scoreboard_path);
	create_shared_memory(c);
	begin_places(c);
	for (size_t p = 0; p < pools_count; p++)
		for (size_t w = pool_workers(pool_at(p), conf); w > 0; w--)
			add_place(c, p, NO_PLACE);
	if (has_older) {
		take_over(c, &older);
		scoreboard_close(&older);
	}
	if (pipe2(c->control, O_CLOEXEC) < 0)
		die(EX_OSERR, "pipe: %s", strerror(errno));
	create_wakes(c);
}

void
children_close(struct children *c)
{
	scoreboard_remove(&c->scoreboard, c->scoreboard_path);
	scoreboard_close(&c->scoreboard);
	usage_journal_remove(&c->usage_journal);
	usage_journal_close(&c->usage_journal);
	error_buffer_close(c->errors);
	epochs_close(c->epochs);
	lease_table_close(c->leases);
	free(c->all);
	free(c->old_workers);
}

/* The child keeps the listener of its pool and the pipe's end. */
static void NORETURN
become_process(struct children *c, size_t i)
{
	size_t pool = c->scoreboard.slots[i].pool;
	struct process process = {
		.conf = c->conf,
		.opts = c->opts,
		.pool = pool_at(pool),
		.scoreboard = &c->scoreboard,
		.slot = &c->scoreboard.slots[i],
		.usage_journal = &c->usage_journal.slots[i],
		.errors = &c->errors[i],
		.all_errors = c->errors,
		.epochs = c->epochs,
		.leases = c->leases,
		.listener = c->sockets->fd[pool],
		.wake = c->wake,
		.control = c->control[0],
	};

	close(c->control[1]);
	notify_close();
	sockets_keep(c->sockets, pool);
	switch (process.pool->run) {
	case RUN_WORKER:
		worker_run(&process);
	case RUN_JANITOR:
		chores_janitor(&process);
	case RUN_FLUSHER:
		chores_flusher(&process);
	case RUN_LISTENER:
		listener_run(&process);
	case RUN_RUNNER:
		runner_run(&process);
	case RUN_OTHER:
		process_become(&process);
	case RUN_COUNT:
		break;
	}
	BUG("pool %s: nothing to run", process.pool->name);
}

static void
spawn(struct children *c, size_t i)
{
	struct child *child = &c->all[i];
	pid_t pid = fork();

	if (pid == 0)
		become_process(c, i);
	child->born_ns = clock_mono_ns();
	if (pid < 0) {
		log_event(LOG_ERROR, "fork_failed", "%s", strerror(errno));
		child->respawn_ns = child->born_ns + FORK_AGAIN_MS * NS_PER_MS;
		return;
	}
	child->pid = pid;
	child->age = c->age;
	child->is_leaving = child->is_killed = false;
}

/* --- Fitting ------------------------------------------------------------- */

/* False for a place that is still to replace another one. */
static bool
is_standing(const struct children *c, size_t i, size_t pool)
{
	return c->all[i].is_wanted && c->all[i].replaces == NO_PLACE &&
	    c->scoreboard.slots[i].pool == pool;
}

static bool
is_outdated(const struct children *c, const struct child *child)
{
	return child->pid && child->age != c->age;
}

/* A standing place of the pool, preferably an outdated one. */
static size_t
find_standing(const struct children *c, size_t pool)
{
	size_t found = NO_PLACE;

	for (size_t i = 0; i < c->n; i++) {
		if (!is_standing(c, i, pool))
			continue;
		found = i;
		if (is_outdated(c, &c->all[i]))
			break;
	}
	return found;
}

/* The place that is to replace another one; NO_PLACE: none. */
static size_t
find_successor(const struct children *c, size_t pool)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->all[i].replaces != NO_PLACE &&
		    c->scoreboard.slots[i].pool == pool)
			return i;
	return NO_PLACE;
}

static void
fit_size(struct children *c, size_t pool)
{
	size_t want = pool_workers(pool_at(pool), c->conf), have = 0;

	for (size_t i = 0; i < c->n; i++)
		have += is_standing(c, i, pool);
	for (; have < want; have++)
		if (!add_place(c, pool, NO_PLACE))
			return;
	for (; have > want; have--)
		give_up(&c->all[find_standing(c, pool)]);
}

static bool
is_ready(const struct children *c, size_t i)
{
	const struct scoreboard_slot *slot = &c->scoreboard.slots[i];

	return c->all[i].pid && slot->pid == c->all[i].pid &&
	    slot->stage > STAGE_STARTING && slot->stage < STAGE_LEAVING;
}

/*
 * One at a time. A pool of a single process never has a second one: its place
 * stays, and the process is started again when it has left.
 */
static void
replace_next(struct children *c, size_t pool)
{
	size_t successor = find_successor(c, pool), old;

	if (successor != NO_PLACE) {
		if (!is_ready(c, successor))
			return;
		old = c->all[successor].replaces;
		c->all[successor].replaces = NO_PLACE;
		if (c->all[old].is_wanted)
			give_up(&c->all[old]);
	}
	old = find_standing(c, pool);
	if (old == NO_PLACE || !is_outdated(c, &c->all[old]))
		return;
	if (pool_at(pool)->options)
		add_place(c, pool, old);
	else if (!c->all[old].is_leaving)
		ask_to_leave(&c->all[old]);
}

void
children_fit(struct children *c, const struct sockets *sockets)
{
	int64_t now = clock_mono_ns();

	if (c->is_draining)
		return;
	c->sockets = sockets;
	for (size_t p = 0; p < pools_count; p++) {
		fit_size(c, p);
		replace_next(c, p);
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->all[i].is_wanted && !c->all[i].pid &&
		    c->all[i].respawn_ns <= now)
			spawn(c, i);
}

bool
children_are_settled(const struct children *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct child *child = &c->all[i];

		if (child->is_wanted &&
		    (!is_ready(c, i) || is_outdated(c, child) ||
			child->replaces != NO_PLACE))
			return false;
	}
	return true;
}

void
children_renew(struct children *c, const struct conf *conf)
{
	c->conf = conf;
	c->opts = options_of(conf);
	c->age++;
}

/* --- Ending -------------------------------------------------------------- */

void
children_signal(const struct children *c, int signal)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->all[i].pid)
			kill(c->all[i].pid, signal);
}

/* The flusher ends last: it writes what the other processes counted. */
static bool
is_flusher(const struct children *c, size_t i)
{
	uint32_t pool = c->scoreboard.slots[i].pool;

	return pool < pools_count && pool_at(pool)->run == RUN_FLUSHER;
}

void
children_drain(struct children *c)
{
	c->is_draining = true;
	scoreboard_let_go(&c->scoreboard);
	for (size_t i = 0; i < c->n; i++)
		if (!is_flusher(c, i))
			give_up(&c->all[i]);
}

static size_t
others_left(struct children *c, bool late)
{
	size_t left = c->n_old_workers;

	for (size_t i = 0; i < c->n; i++) {
		if (is_flusher(c, i))
			continue;
		left += c->all[i].pid != 0;
		if (late)
			reaper_kill(c, i, "ended_in_drain");
	}
	for (size_t i = 0; late && i < c->n_old_workers; i++)
		kill(c->old_workers[i].pid, SIGKILL);
	return left;
}

size_t
children_left(struct children *c, bool late)
{
	size_t left = others_left(c, late);

	for (size_t i = 0; i < c->n; i++) {
		if (!is_flusher(c, i) || !c->all[i].pid)
			continue;
		if (left == 0 && !c->last_end_ns) {
			c->last_end_ns =
			    clock_mono_ns() + LAST_FLUSH_S * NS_PER_S;
			give_up(&c->all[i]);
		}
		if (c->last_end_ns && clock_mono_ns() >= c->last_end_ns)
			reaper_kill(c, i, "ended_in_drain");
		left++;
	}
	return left;
}
