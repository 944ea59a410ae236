/*
 * Counting streams on the board: each worker writes whom it serves into its own
 * slot, and then counts the slots that say the same. That takes no lock, needs
 * no Redis, and what a killed worker wrote goes with its slot.
 */
#include "fcgi/meter/streams.h"

#include "fcgi/http/req.h"
#include "fcgi/pools.h"
#include "lib/shm/scoreboard.h"

enum { WAIT_S = 5 };

/* Users differ in these bytes; zero would be nobody. */
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

/* Whatever its plan says, an account leaves a quarter of the workers to others. */
static int
most_of(const struct req *r)
{
	int workers = (int)pool_workers(r->service->pool, r->service->opts);
	int most = workers - workers / 4;

	return r->principal->plan.streams < most ? r->principal->plan.streams
						 : most;
}

enum err
streams_enter(struct req *r)
{
	const int most = most_of(r);
	struct buf words;

	r->slot->holder = holder_of(r->principal);
	if (count(r->service->scoreboard, r->slot->holder) <= most)
		return OK;
	buf_init(&words, r->mem);
	buf_printf(&words, "the limit is %d at once", most);
	buf_putc(&words, '\0');
	fail_field(r, E_RATE_LIMITED, "streams",
	    words.failed ? "too many at once" : words.p);
	r->fault.retry_after_s = WAIT_S;
	return E_RATE_LIMITED;
}

void
streams_leave(struct req *r)
{
	r->slot->holder = 0;
}
