/*
 * Counting on the scoreboard. Each worker writes the account that it serves
 * into its own slot, then counts the slots of that account. That needs no lock
 * and no Redis, and the mark of a killed worker goes with its slot.
 */
#include "fcgi/meter/concurrency.h"

#include "fcgi/http/req.h"
#include "fcgi/pools.h"
#include "lib/shm/scoreboard.h"

enum { STREAM_WAIT_S = 5, SCAN_WAIT_S = 1 };

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
enter(struct req *r, int max, const char *what, int wait_s)
{
	struct buf problem;

	r->slot->holder = holder_of(r->principal);
	if (count(r->service->scoreboard, r->slot) <= max)
		return OK;
	buf_init(&problem, r->mem);
	buf_printf(&problem, "the limit is %d at once", max);
	buf_putc(&problem, '\0');
	fail_field(r, E_RATE_LIMITED, what,
	    problem.failed ? "too many at once" : problem.p);
	r->fault.retry_after_s = wait_s;
	return E_RATE_LIMITED;
}

/* Whatever its plan, an account cannot fill the pool. */
enum err
concurrency_enter_stream(struct req *r)
{
	int max = (workers_of(r) * CONCURRENCY_STREAMS_PERCENT + 99) / 100;

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

void
concurrency_leave(struct req *r)
{
	r->slot->holder = 0;
}
