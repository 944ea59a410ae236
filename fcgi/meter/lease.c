/*
 * Leases. The first lease of a principal covers only the request that asked for
 * it. A lease that is used up before it expires is followed by one four times
 * as large. So no requests are counted in advance for a key that is rarely
 * used.
 */
#include "fcgi/meter/lease.h"

#include "lib/cache/cache.h"
#include "lib/os/clock.h"
#include "lib/shm/epoch.h"
#include "lib/shm/lease_table.h"

enum { GROWTH = 4, RETURN_BATCH = 64 };

#define LEASE_NS NS_PER_S
/* An answer that took longer is too old to be shared: see limit.lua. */
#define SLOW_NS (100 * NS_PER_MS)

/* The name of a lease: its principal and mode. */
struct name {
	struct uuid id;
	uint8_t kind, mode, unused[6];
};

_Static_assert(sizeof(struct name) == LEASE_NAME, "without padding");

struct terms {
	struct uuid user;
	struct window window;
	int64_t used, day;
	int32_t granted;
};

_Static_assert(sizeof(struct terms) <= LEASE_TERMS, "fits into a lease");

static struct name
name_of(const struct principal *p, const struct limit_question *q)
{
	bool is_key = p->kind == CREDENTIAL_KEY;

	return (struct name){
		.id = is_key ? p->id : p->tenant.user,
		.kind = is_key ? 'k' : 'u',
		.mode = q->user ? MODE_LIVE : MODE_TEST,
	};
}

uint64_t
lease_epoch(const struct req *r, const struct credential *c)
{
	return epoch_read(r->service->epochs, c->id[0]);
}

/* True if Redis confirmed the principal and no change was published since. */
static bool
is_confirmed(const struct req *r, const struct principal *p, int64_t now_ns)
{
	const struct epochs *epochs = r->service->epochs;

	return p->is_confirmed &&
	    p->epoch == epoch_read(epochs, p->credential[0]) &&
	    epochs_are_current(epochs, now_ns, LEASE_NS);
}

static struct terms
terms_of(const struct lease *lease)
{
	struct terms terms;

	memcpy(&terms, lease->terms, sizeof(terms));
	return terms;
}

/* Counts as if the requests that are left in the lease had not been counted. */
static void
make_answer(const struct lease *lease, struct limit_answer *a)
{
	struct terms terms = terms_of(lease);

	a->verdict = LIMIT_PASS;
	a->window = terms.window;
	a->window.here -= lease->tokens;
	a->used = terms.used - lease->tokens;
	a->granted = 1;
}

/* A lease expires with its minute and its day, unless the wall clock was set. */
static bool
is_current(const struct lease *lease, const struct limit_question *q)
{
	struct terms terms = terms_of(lease);

	return terms.window.minute == q->wall_us / WINDOW_US &&
	    terms.day == q->day;
}

bool
lease_enter(struct req *r, const struct principal *p, struct limit_question *q,
    struct limit_answer *a)
{
	int64_t now_ns = clock_mono_ns();
	struct name name = name_of(p, q);
	struct lease lease;

	if (q->cost != 1 || !is_confirmed(r, p, now_ns))
		return false;
	q->want = 1;
	if (lease_table_take(r->service->leases, (const uint8_t *)&name, now_ns,
		&lease)) {
		if (!is_current(&lease, q))
			return false;
		make_answer(&lease, a);
		a->stamp = p->stamp;
		return true;
	}
	if (lease.expires_ns > now_ns)
		q->want = (int64_t)terms_of(&lease).granted * GROWTH;
	if (q->want > LEASE_REQUESTS_MAX)
		q->want = LEASE_REQUESTS_MAX;
	return false;
}

/* When the lease expires, which is before its minute or day ends. Monotonic. */
static int64_t
expiry(const struct limit_question *q, const struct limit_answer *a,
    int64_t now_ns)
{
	int64_t wall_us = clock_wall_us();
	int64_t minute_ns =
	    ((a->window.minute + 1) * WINDOW_US - wall_us) * NS_PER_US;
	int64_t day_ns = (clock_midnight(q->day + 1) - wall_us) * NS_PER_US;
	int64_t left_ns = minute_ns < day_ns ? minute_ns : day_ns;

	return now_ns + (left_ns < LEASE_NS ? left_ns : LEASE_NS);
}

static bool
return_tokens(struct cache *cache, const struct lease *lease)
{
	struct principal p = { 0 };
	struct limit_rest rest = { .requests = lease->tokens };
	struct terms terms = terms_of(lease);
	struct name name;

	memcpy(&name, lease->name, sizeof(name));
	p.kind = name.kind == 'k' ? CREDENTIAL_KEY : CREDENTIAL_SESSION;
	p.id = p.tenant.user = name.id;
	limit_key_of_principal(&p, &rest.limit_key);
	rest.user = terms.user;
	rest.is_charged = name.mode == MODE_LIVE;
	rest.day = (int32_t)terms.day;
	rest.minute = terms.window.minute;
	return limit_return(cache, &rest);
}

void
lease_keep(struct req *r, struct principal *p, uint64_t epoch,
    const struct limit_question *q, struct limit_answer *a)
{
	int64_t now_ns = clock_mono_ns();
	struct name name = name_of(p, q);
	struct terms terms = {
		.user = p->tenant.user,
		.window = a->window,
		.used = a->used,
		.day = q->day,
		.granted = (int32_t)a->granted,
	};
	struct lease lease = {
		.expires_ns = expiry(q, a, now_ns),
		.tokens = (uint32_t)(a->granted - 1),
	}, expired = { 0 };
	struct cache *cache = db_cache(r->service->db);

	p->epoch = epoch;
	p->is_confirmed = true;
	if (q->cost != 1)
		return;
	memcpy(lease.name, &name, sizeof(name));
	memcpy(lease.terms, &terms, sizeof(terms));
	if (now_ns - r->began_ns > SLOW_NS ||
	    !lease_table_add(r->service->leases, &lease, now_ns, &expired))
		expired = lease;
	if (expired.tokens)
		(void)!return_tokens(cache, &expired);
	make_answer(&lease, a);
}

void
lease_return(const struct service *service, struct arena *mem)
{
	int64_t now_ns = service->is_ending() ? INT64_MAX : clock_mono_ns();
	struct lease rows[RETURN_BATCH];
	size_t n;

	(void)mem;
	do {
		n = lease_table_collect(service->leases, now_ns, rows,
		    ARRAY_LEN(rows));
		for (size_t i = 0; i < n; i++)
			(void)!return_tokens(db_cache(service->db), &rows[i]);
	} while (n == ARRAY_LEN(rows));
}
