/*
 * Counting on the scoreboard. Each worker writes the account that it serves
 * into its own slot, then counts the slots of that account. That needs no lock
 * and no Redis, and the mark of a killed worker goes with its slot.
 */
#include "fcgi/meter/concurrency.h"

#include "fcgi/http/req.h"
#include "fcgi/pools.h"
#include "lib/os/clock.h"
#include "lib/shm/scoreboard.h"

enum { STREAM_WAIT_S = 5, SCAN_WAIT_S = 1, SLOW_WAIT_S = 1 };

/*
 * A request is slow after this time, counted from when its account is known, so
 * without a signup. Plain reads and writes are not, also if the machine is busy.
 */
#define SLOW_NS (50 * NS_PER_MS)
/* Other accounts are active if one was served this lately. */
#define RECENT_NS (2 * NS_PER_S)

/* The first bytes of the random user id; never 0, which means no holder. */
static uint64_t
holder_of(const struct principal *principal)
{
	uint64_t holder;

	memcpy(&holder, principal->tenant.user.b, sizeof(holder));
	return holder | 1;
}

/* In the pool of that slot. */
static int
count(const struct scoreboard *scoreboard, const struct scoreboard_slot *own)
{
	int n = 0;

	for (size_t i = 0; i < scoreboard_slots(scoreboard); i++)
		n += scoreboard->slots[i].holder == own->holder &&
		    scoreboard->slots[i].pool == own->pool;
	return n;
}

static int
workers_of(const struct req *r)
{
	return (int)pool_workers(r->service->pool, r->service->conf);
}

static enum err
refuse(struct req *r, int max, const char *what, int wait_s)
{
	struct buf problem;

	buf_init(&problem, r->mem);
	buf_printf(&problem, "the limit is %d at once", max);
	buf_putc(&problem, '\0');
	fail_field(r, E_RATE_LIMITED, what,
	    problem.failed ? "too many at once" : problem.p);
	r->fault.retry_after_s = wait_s;
	return E_RATE_LIMITED;
}

static enum err
enter(struct req *r, int max, const char *what, int wait_s)
{
	r->slot->holder = holder_of(r->principal);
	if (count(r->service->scoreboard, r->slot) <= max)
		return OK;
	return refuse(r, max, what, wait_s);
}

size_t
concurrency_streams(size_t workers)
{
	return (workers * CONCURRENCY_STREAMS_PERCENT + 99) / 100;
}

/* Whatever its plan, an account cannot fill the pool. */
enum err
concurrency_enter_stream(struct req *r)
{
	int max = (int)concurrency_streams((size_t)workers_of(r));

	return enter(r,
	    r->principal->plan.streams < max ? r->principal->plan.streams : max,
	    "streams", STREAM_WAIT_S);
}

enum err
concurrency_enter_scan(struct req *r)
{
	int max = workers_of(r) * CONCURRENCY_SCANS_PERCENT / 100;

	return enter(r, max > 1 ? max : 1, "scans", SCAN_WAIT_S);
}

static void
note_account(struct scoreboard_slot *slot, uint64_t account, int64_t now_ns)
{
	slot->account_ns = now_ns;
	if (slot->account == account)
		return;
	if (slot->account)
		slot->turned_ns = now_ns;
	slot->account = account;
}

/* The workers of a pool, seen from a request of one account. */
struct view {
	int busy, own, slow;
	bool has_others;
};

static void
look_at(const struct scoreboard_slot *slot, uint64_t account, int64_t now_ns,
    struct view *view)
{
	int64_t began = slot->request_ns, known = slot->account_ns;
	bool is_own = slot->account == account;
	/* Not if that was the account of the request before. */
	bool is_at_work = is_own && began && known >= began;

	view->busy += began != 0;
	view->own += is_at_work;
	view->slow += is_at_work && now_ns - known > SLOW_NS;
	view->has_others |= now_ns - slot->turned_ns < RECENT_NS ||
	    (!is_own && slot->account && now_ns - slot->since_ns < RECENT_NS);
}

static struct view
look_at_pool(const struct req *r, int64_t now_ns)
{
	const struct scoreboard *s = r->service->scoreboard;
	struct view view = { 0 };

	for (size_t i = 0; i < scoreboard_slots(s); i++)
		if (s->slots[i].pool == r->slot->pool)
			look_at(&s->slots[i], r->slot->account, now_ns, &view);
	return view;
}

/*
 * A request counts as slow only after SLOW_NS. So that an account cannot occupy every
 * worker within that time, all of its requests count once half of the allowed number
 * are slow.
 *
 * Requests of patient pools are expected to be slow, and are not limited here.
 */
enum err
concurrency_enter(struct req *r, const struct principal *principal)
{
	int workers = workers_of(r);
	int max = workers * CONCURRENCY_SLOW_PERCENT / 100;
	int64_t now_ns = clock_mono_ns();
	struct view view;

	note_account(r->slot, holder_of(principal), now_ns);
	if (r->service->pool->patient)
		return OK;
	max = max > CONCURRENCY_SLOW_MIN ? max : CONCURRENCY_SLOW_MIN;
	view = look_at_pool(r, now_ns);
	if (view.busy < workers || view.own <= max || 2 * view.slow < max ||
	    !view.has_others)
		return OK;
	return refuse(r, max, "slow_requests", SLOW_WAIT_S);
}

void
concurrency_leave(struct req *r)
{
	r->slot->holder = 0;
}
