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
 * A request is slow if it has taken this time, and SLOW_TIMES as long as recent
 * requests of other accounts took. On a busy machine all requests take longer: by
 * time alone, plain reads and writes would be slow there.
 */
#define SLOW_NS (150 * NS_PER_MS)
enum { SLOW_TIMES = 8 };
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

/* The workers of a pool, seen from a request of one account. */
struct view {
	int busy, own;
	bool has_others;
	int64_t others, others_ns; /* recent requests, and their time */
};

/* Not if it serves an account that is not known yet. */
static bool
serves_account(const struct scoreboard_slot *slot)
{
	int64_t began = slot->request_ns;

	return began && slot->account_ns >= began;
}

static bool
serves(const struct scoreboard_slot *slot, uint64_t account)
{
	return serves_account(slot) && slot->account == account;
}

static void
look_at_served(const struct scoreboard_served *served, uint64_t account,
    int64_t now_ns, struct view *view)
{
	if (!served->account || served->account == account ||
	    now_ns - served->ended_ns > RECENT_NS)
		return;
	view->others_ns += served->took_ns;
	view->others++;
	view->has_others = true;
}

static struct view
look_at_pool(const struct req *r, int64_t now_ns)
{
	const struct scoreboard *s = r->service->scoreboard;
	uint64_t account = r->slot->account;
	struct view view = { 0 };

	for (size_t i = 0; i < scoreboard_slots(s); i++) {
		const struct scoreboard_slot *slot = &s->slots[i];

		if (slot->pool != r->slot->pool)
			continue;
		view.busy += slot->request_ns != 0;
		view.own += serves(slot, account);
		view.has_others |=
		    serves_account(slot) && slot->account != account;
		for (size_t j = 0; j < ARRAY_LEN(slot->served); j++)
			look_at_served(&slot->served[j], account, now_ns,
			    &view);
	}
	return view;
}

/* How many requests of the account take that long already. */
static int
count_slow(const struct req *r, int64_t slow_ns, int64_t now_ns)
{
	const struct scoreboard *s = r->service->scoreboard;
	int n = 0;

	for (size_t i = 0; i < scoreboard_slots(s); i++)
		n += s->slots[i].pool == r->slot->pool &&
		    serves(&s->slots[i], r->slot->account) &&
		    now_ns - s->slots[i].account_ns > slow_ns;
	return n;
}

static int64_t
slow_after(const struct view *view)
{
	int64_t usual_ns = view->others ? view->others_ns / view->others : 0;

	return SLOW_TIMES * usual_ns > SLOW_NS ? SLOW_TIMES * usual_ns
					       : SLOW_NS;
}

/*
 * A request is slow only after some time. So that an account cannot occupy every
 * worker within that time, all of its requests count once half of the allowed number
 * are slow. The time begins when the account is known, so it is without a signup.
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

	r->slot->account = holder_of(principal);
	r->slot->account_ns = now_ns;
	if (r->service->pool->patient)
		return OK;
	max = max > CONCURRENCY_SLOW_MIN ? max : CONCURRENCY_SLOW_MIN;
	view = look_at_pool(r, now_ns);
	if (view.busy < workers || view.own <= max || !view.has_others ||
	    2 * count_slow(r, slow_after(&view), now_ns) < max)
		return OK;
	return refuse(r, max, "slow_requests", SLOW_WAIT_S);
}

static void
note_served(struct scoreboard_slot *slot, int64_t now_ns)
{
	struct scoreboard_served *last = &slot->served[0];
	int64_t took_ns = now_ns - slot->account_ns;

	if (last->account == slot->account) {
		last->took_ns += (took_ns - last->took_ns) / 4;
	} else {
		slot->served[1] = *last;
		last->account = slot->account;
		last->took_ns = took_ns;
	}
	last->ended_ns = now_ns;
}

/* How quickly a request is refused says nothing of how long one takes. */
void
concurrency_leave(struct req *r)
{
	r->slot->holder = 0;
	if (serves_account(r->slot) && r->fault.err != E_RATE_LIMITED)
		note_served(r->slot, clock_mono_ns());
}
