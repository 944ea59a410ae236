/*
 * Counting streams on the scoreboard. Each worker writes the account it serves
 * into its own slot, then counts the slots of that account. That needs no lock and
 * no Redis, and the mark of a killed worker goes with its slot.
 */
#include "fcgi/meter/streams.h"

#include "fcgi/http/req.h"
#include "fcgi/pools.h"
#include "lib/shm/scoreboard.h"

enum { WAIT_S = 5 };

/* The first bytes of the random user id; never 0, which means no holder. */
static uint64_t
holder_of(const struct principal *principal)
{
	uint64_t holder;

	memcpy(&holder, principal->tenant.user.b, sizeof(holder));
	return holder | 1;
}

static int
count(const struct scoreboard *scoreboard, uint64_t holder)
{
	int n = 0;

	for (size_t i = 0; i < scoreboard_slots(scoreboard); i++)
		n += scoreboard->slots[i].holder == holder;
	return n;
}

/* An account gets at most three quarters of the workers, whatever its plan. */
static int
max_streams(const struct req *r)
{
	int workers = (int)pool_workers(r->service->pool, r->service->conf);
	int max = workers - workers / 4;

	return r->principal->plan.streams < max ? r->principal->plan.streams
						: max;
}

enum err
streams_enter(struct req *r)
{
	const int max = max_streams(r);
	struct buf problem;

	r->slot->holder = holder_of(r->principal);
	if (count(r->service->scoreboard, r->slot->holder) <= max)
		return OK;
	buf_init(&problem, r->mem);
	buf_printf(&problem, "the limit is %d at once", max);
	buf_putc(&problem, '\0');
	fail_field(r, E_RATE_LIMITED, "streams",
	    problem.failed ? "too many at once" : problem.p);
	r->fault.retry_after_s = WAIT_S;
	return E_RATE_LIMITED;
}

void
streams_leave(struct req *r)
{
	r->slot->holder = 0;
}
