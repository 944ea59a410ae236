/*
 * Limits without Redis. Requests reach all workers of a pool alike, so each
 * grants its part, and no worker has to ask another.
 */
#include "fcgi/meter/local_limit.h"

#include "fcgi/pools.h"
#include "lib/os/clock.h"

enum { WAYS = 4, SETS = SHARE_SUBJECTS / WAYS };

static struct place {
	struct subject subject;
	struct window window;
} places[SETS][WAYS];

/* FNV-1a. */
static size_t
set_of(const struct subject *s)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < s->n; i++)
		hash = (hash ^ (uint8_t)s->text[i]) * 16777619u;
	return hash % SETS;
}

/* Where that subject's requests are counted. */
static struct window *
window_of(const struct subject *s, int64_t wall_us)
{
	struct place *set = places[set_of(s)], *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].subject.n == s->n &&
		    memcmp(set[i].subject.text, s->text, s->n) == 0)
			return &set[i].window;
		if (set[i].window.minute < oldest->window.minute)
			oldest = &set[i];
	}
	oldest->subject = *s;
	oldest->window = (struct window){ .minute = wall_us / WINDOW_US };
	return &oldest->window;
}

static int64_t
share_of(const struct req *r, int64_t requests)
{
	size_t workers = pool_workers(r->service->pool, r->service->opts);
	int64_t share = requests / (int64_t)workers;

	return share > 1 ? share : 1;
}

static bool
is_fresh(const struct limit_question *q, const struct caller *caller)
{
	if (!q->credential)
		return true;
	return caller && clock_mono_ns() - caller->looked_up_ns <= NS_PER_S &&
	    (!q->user || caller->used_day == q->day);
}

static bool
fits_minute(const struct limit_question *q, struct limit_answer *a)
{
	struct window *w;
	bool fits;

	if (!q->subject)
		return true;
	w = window_of(q->subject, q->wall_us);
	fits = window_count(w, q->requests, q->wall_us);
	a->window = *w;
	return fits;
}

static bool
fits_day(const struct limit_question *q)
{
	return !q->user || q->ledger + q->cost <= q->allowance;
}

void
share_ask(struct req *r, struct limit_question *q, const struct caller *caller,
    struct limit_answer *a)
{
	*a = (struct limit_answer){ .verdict = LIMIT_STALE };
	if (!is_fresh(q, caller))
		return;
	q->requests = share_of(r, q->requests);
	a->used = q->ledger;
	a->verdict = !fits_minute(q, a) ? LIMIT_RATE
	    : !fits_day(q)              ? LIMIT_QUOTA
					: LIMIT_PASS;
	if (a->verdict != LIMIT_PASS || !q->user)
		return;
	caller_add_use(caller, q->cost);
	a->used += q->cost;
}
