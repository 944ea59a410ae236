/*
 * The runner: turns, and the items that run in this process.
 *
 * Items of one batch run one after another. After half a second the rest is given
 * back, so that one slow item delays no others, and the next batch is smaller.
 */
#include "fcgi/work/runner_impl.h"

#include "lib/base/panic.h"
#include "lib/os/clock.h"
#include "lib/os/proc.h"
#include "lib/shm/scoreboard.h"

#include <unistd.h>

#define BATCH_NS (500 * NS_PER_MS)
enum { WISH_FIRST = 16 };

/* A handler that does not keep its deadline ends this process. */
#define HERE_GRACE_NS (5 * NS_PER_S)

struct runner *
runner_open(const struct service *service, struct scoreboard_slot *slot,
    int epoll)
{
	struct runner *r = calloc(1, sizeof(*r));
	char host[65] = "";

	if (!r)
		die(EXIT_FAILURE, "no memory for the runner");
	r->service = service;
	r->opts = ROOM_OPTIONS(work, service->conf);
	r->slot = slot;
	r->epoll = epoll;
	r->next_ns = INT64_MAX;
	r->wish = WISH_FIRST;
	gethostname(host, sizeof(host) - 1);
	snprintf(r->name, sizeof(r->name), "%s/%d", host, (int)getpid());
	r->turn_mem = arena_must_new((size_t)service->opts->request_memory);
	r->item_mem = arena_must_new((size_t)service->opts->request_memory);
	r->trouble = (struct chore_trouble){ "work_paused", "work_resumed",
		"the database answers", false };
	return r;
}

static void
run_here(struct runner *r, struct work *work)
{
	enum work_outcome outcome;

	work->deadline_ns = clock_mono_ns() + work->kind->timeout_ns;
	scoreboard_enter(r->slot, STAGE_WORKING, -1);
	proc_end_after(work->kind->timeout_ns + HERE_GRACE_NS);
	outcome = work->kind->run(work);
	proc_end_after(0);
	runner_end(r, work, outcome);
	arena_reset(r->item_mem);
	scoreboard_enter(r->slot, STAGE_IDLE, -1);
}

/* Leases are renewed in time; otherwise their items may run elsewhere. */
static void
keep_leases(struct runner *r)
{
	int64_t now = clock_mono_ns();

	if (!r->apart_n || now < r->renew_ns)
		return;
	if (now >= r->retry_ns && runner_renew(r))
		return;
	if (now >= r->lease_ns - r->opts->lease / 8)
		runner_kill_all(r, KILL_LOST);
}

/* True for an item that may have ended its last runner. */
static bool
is_risky(const struct work *work)
{
	return str_eq(work->error, STR(RUNNER_LOST));
}

/* A risky item runs alone: the others must not be lost with it. */
static void
run_batch(struct runner *r)
{
	int64_t began = clock_mono_ns();
	size_t ran = 0;
	bool is_over = false;

	for (size_t i = 0; i < r->batch_n; i++) {
		struct work *work = &r->batch[i];

		is_over = is_over || r->service->is_ending() ||
		    clock_mono_ns() - began > BATCH_NS ||
		    (i > 0 && is_risky(work));
		if (is_over) {
			runner_give_back(r, work);
			continue;
		}
		keep_leases(r);
		run_here(r, work);
		is_over = is_risky(work);
		ran++;
	}
	if (ran < r->batch_n)
		r->wish = ran ? ran : 1;
	else if (ran && r->wish < RUNNER_BATCH)
		r->wish *= 2;
	if (r->wish > RUNNER_BATCH)
		r->wish = RUNNER_BATCH;
	r->batch_n = 0;
}

void
runner_look(struct runner *r)
{
	r->is_woken = true;
}

/*
 * One runner of a host looks once a second for items that other hosts added, and
 * those whose lease ended; all look when they know of an item.
 */
static bool
is_time_to_look(struct runner *r)
{
	int64_t now = clock_mono_ns();
	_Atomic int64_t *shared = &r->service->scoreboard->head->work_look_ns;
	int64_t next = *shared;

	if (r->is_full || r->is_woken || now >= r->next_ns)
		return true;
	if (now < r->look_ns)
		return false;
	if (now >= next &&
	    atomic_compare_exchange_strong(shared, &next, now + RUNNER_LOOK_NS))
		return true;
	r->look_ns = next;
	return false;
}

bool
runner_work(struct runner *r)
{
	bool is_time;

	runner_collect(r);
	keep_leases(r);
	is_time = is_time_to_look(r);
	if (clock_mono_ns() < r->retry_ns || (!is_time && !r->endings_n) ||
	    !runner_turn(r))
		return false;
	/* Another runner of this host may take a part of what is there. */
	if (r->is_full)
		chore_hurry(r->service, r->service->pool);
	run_batch(r);
	return true;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
runner_due_ns(const struct runner *r)
{
	int64_t due = earlier(r->look_ns, r->next_ns);

	if (r->apart_n)
		due = earlier(due, r->renew_ns);
	due = later(due, r->retry_ns);
	for (size_t i = 0; i < r->opts->processes; i++)
		if (r->apart[i].pid && !r->apart[i].killed)
			due = earlier(due, r->apart[i].kill_ns);
	return due;
}

/* The supervisor kills this process when the drain timeout is over. */
static void
drain(struct runner *r)
{
	int64_t now = clock_mono_ns();
	int64_t end = now + r->service->opts->drain_timeout / 10 * 9;

	r->is_draining = true;
	for (;; now = clock_mono_ns()) {
		bool is_late = now >= end;

		if (is_late)
			runner_kill_all(r, KILL_STOP);
		runner_collect(r);
		keep_leases(r);
		if (r->endings_n && (is_late || now >= r->retry_ns))
			(void)!runner_turn(r);
		if (!r->apart_n && (is_late || !r->endings_n))
			return;
		runner_wait(r,
		    earlier(is_late ? INT64_MAX : end, now + NS_PER_S));
	}
}

void
runner_close(struct runner *r)
{
	drain(r);
	for (size_t i = 0; i < ARRAY_LEN(r->apart); i++)
		arena_free(r->apart[i].mem);
	arena_free(r->turn_mem);
	arena_free(r->item_mem);
	free(r);
}
