/*
 * Runs that wait for the transaction of another stream get the lock in the order
 * in which they came. A run that waits gives up when one holder has kept it for
 * lock_ns, however many holders there were before.
 *
 * No more than bounds.waiters wait: the request that ends the transaction needs a
 * process, too. Another one fails at once, as if its time were over.
 */
#include "lib/lite/hrana_impl.h"

#include "lib/os/clock.h"

#include <sqlite3.h>

/* A transaction that has read must not wait: its content becomes outdated. */
bool
hrana_lock_is_turn(const struct hrana_run *r)
{
	const struct lite *l = r->stream->lite;

	return !r->h->waiters || r->h->waiters == r || lite_is_read_only(l) ||
	    sqlite3_txn_state(lite_db(l), "main") != SQLITE_TXN_NONE;
}

static void
renew(struct hrana_run *r)
{
	r->lock_turn = r->h->turns;
	r->lock_deadline = clock_mono_ns() + r->h->bounds.lock_ns;
}

void
hrana_lock_wait(struct hrana_run *r)
{
	struct hrana_run **end = &r->h->waiters;

	if (r->is_waiting)
		return;
	while (*end)
		end = &(*end)->next_waiter;
	*end = r;
	r->h->waiting++;
	r->next_waiter = NULL;
	r->is_waiting = true;
	renew(r);
}

bool
hrana_lock_has_time(struct hrana_run *r)
{
	if (!r->is_waiting)
		return r->h->waiting < r->h->bounds.waiters;
	if (r->lock_turn != r->h->turns)
		renew(r);
	return clock_mono_ns() < r->lock_deadline;
}

void
hrana_lock_leave(struct hrana_run *r)
{
	struct hrana_run **at = &r->h->waiters;

	if (!r->is_waiting)
		return;
	while (*at != r)
		at = &(*at)->next_waiter;
	*at = r->next_waiter;
	r->h->waiting--;
	r->is_waiting = false;
}
