/*
 * Limits without Redis. Requests are spread evenly over the workers of a pool,
 * so each grants its share of the limit, and workers need not communicate.
 */
#include "fcgi/meter/local_limit.h"

#include "fcgi/pools.h"
#include "lib/base/fnv.h"
#include "lib/os/clock.h"

enum { WAYS = 4, SETS = LOCAL_LIMIT_KEYS / WAYS };

static struct entry {
	struct limit_key limit_key;
	struct window window;
} entries[SETS][WAYS];

static size_t
set_of(const struct limit_key *key)
{
	return fnv(FNV_START, key->text, key->n) % SETS;
}

/* The window of a key. A new one replaces the least recently used one. */
static struct window *
window_of(const struct limit_key *key, int64_t wall_us)
{
	struct entry *set = entries[set_of(key)], *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].limit_key.n == key->n &&
		    memcmp(set[i].limit_key.text, key->text, key->n) == 0)
			return &set[i].window;
		if (set[i].window.minute < oldest->window.minute)
			oldest = &set[i];
	}
	oldest->limit_key = *key;
	oldest->window = (struct window){ .minute = wall_us / WINDOW_US };
	return &oldest->window;
}

static int64_t
share_of(const struct req *r, int64_t requests)
{
	size_t workers = pool_workers(r->service->pool, r->service->conf);
	int64_t share = requests / (int64_t)workers;

	return share > 1 ? share : 1;
}

static bool
is_fresh(const struct limit_question *q, const struct principal *principal)
{
	if (!q->credential)
		return true;
	return principal &&
	    clock_mono_ns() - principal->looked_up_ns <= NS_PER_S &&
	    (!q->user || principal->used_day == q->day);
}

static bool
fits_window(const struct limit_question *q, const struct limit_key *key,
    int64_t requests, struct limit_answer *a)
{
	struct window *w = window_of(key, q->wall_us);
	bool fits = window_count(w, requests, q->wall_us);

	a->window = *w;
	return fits;
}

static bool
fits_minute(const struct limit_question *q, struct limit_answer *a)
{
	return !q->limit_key || fits_window(q, q->limit_key, q->requests, a);
}

/* The answer has the window of the account only if that is full. */
static bool
fits_account(const struct limit_question *q, struct limit_answer *a)
{
	struct limit_answer account = *a;

	if (!q->account_key ||
	    fits_window(q, q->account_key, q->requests * LIMIT_ACCOUNT_KEYS,
		&account))
		return true;
	a->window = account.window;
	return false;
}

static bool
fits_day(const struct limit_question *q)
{
	return !q->user || q->ledger + q->cost <= q->allowance;
}

void
local_limit_ask(struct req *r, struct limit_question *q,
    struct principal *principal, struct limit_answer *a)
{
	*a = (struct limit_answer){ .verdict = LIMIT_STALE };
	if (!is_fresh(q, principal))
		return;
	q->requests = share_of(r, q->requests);
	a->used = q->ledger;
	a->verdict = !fits_minute(q, a) ? LIMIT_RATE
	    : !fits_account(q, a)       ? LIMIT_ACCOUNT
	    : !fits_day(q)              ? LIMIT_QUOTA
					: LIMIT_PASS;
	if (a->verdict != LIMIT_PASS || !q->user)
		return;
	principal->used_credits += q->cost;
	a->used += q->cost;
}
