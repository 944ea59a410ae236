/*
 * Metering. One question goes to Redis or, while that is down, to this worker's
 * own counters. The answer becomes the rate limit headers and a verdict.
 */
#include "fcgi/meter/meter.h"

#include "fcgi/http/resp.h"
#include "fcgi/meter/lease.h"
#include "fcgi/meter/ledger.h"
#include "fcgi/meter/local_limit.h"
#include "fcgi/meter/options.h"
#include "lib/os/clock.h"
#include "stmts/meter.h"

enum { MINUTE_S = 60, DAY_S = 86400 };

struct meter {
	struct limit_key limit_key, account_key;
	struct uuid user;
	struct limit_question q;
	struct limit_answer a;
	struct principal *principal;       /* NULL: limited by address */
	struct usage_journal_entry *entry; /* NULL: not in the ledger */
	uint64_t credits;                  /* charged so far */
	bool is_kept;
};

static struct meter *
meter_new(struct req *r)
{
	struct meter *m = arena_alloc(r->mem, sizeof(*m));

	if (!m)
		return NULL;
	m->q.wall_us = clock_wall_us();
	m->q.day = clock_day(m->q.wall_us);
	m->q.ledger = LIMIT_UNKNOWN;
	m->q.limit_key = &m->limit_key;
	return m;
}

/* A lookup of today has read the credits in the ledger. */
static void
ask_for_credits(struct meter *m, const struct principal *principal)
{
	m->user = principal->tenant.user;
	m->q.user = &m->user;
	m->q.allowance = principal->plan.credits_per_day;
	if (principal->used_day == m->q.day)
		m->q.ledger = principal->used_credits;
}

/*
 * The entry was looked up while Redis had no stamp, or was down. It may be
 * stale even if Redis has no stamp now: a revocation may have set one that
 * Redis has lost since.
 */
static bool
is_unconfirmed(const struct req *r, const struct principal *principal)
{
	static const struct revocation_stamp none;

	return principal->looked_up_ns < r->began_ns &&
	    memcmp(&principal->stamp, &none, sizeof(none)) == 0;
}

static void
set_address(struct req *r, struct meter *m)
{
	limit_key_of_address(r->client, &m->limit_key);
	m->q.requests =
	    (int64_t)ROOM_OPTIONS(meter, r->service->conf)->address_limit;
}

/*
 * Anybody can invent a key with a correct checksum, so an address that has sent
 * too many unknown ones gets no further lookup. A token is verified already.
 */
static void
ask_for_lookup(struct req *r, struct meter *m,
    const struct credential *credential)
{
	m->q.is_lookup = credential->kind != CREDENTIAL_TOKEN;
	if (m->q.is_lookup)
		set_address(r, m);
	else
		m->q.limit_key = NULL;
}

static void
ask_for_principal(struct req *r, struct meter *m,
    const struct credential *credential, struct principal *principal)
{
	m->principal = principal;
	if (!is_unconfirmed(r, principal))
		m->q.expected = &principal->stamp;
	limit_key_of_principal(principal, &m->limit_key);
	limit_key_of_account(principal->tenant.user, &m->account_key);
	m->q.account_key = &m->account_key;
	m->q.requests = principal->plan.requests_per_minute;
	m->q.cost = r->route->cost;
	if (credential->mode == MODE_LIVE)
		ask_for_credits(m, principal);
}

static enum err
read_ledger(struct req *r, struct limit_question *q)
{
	struct usage_of_day_row *row = NULL;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = usage_of_day(tx, *q->user, q->day, &row);

	if (e != OK)
		return db_result(r, tx, e);
	q->ledger = row->credits;
	return OK;
}

/*
 * The first request of a day finds no counter in Redis: load it from the
 * ledger.
 */
static enum err
ask(struct req *r, struct meter *m)
{
	bool is_up = limit_ask(r->service, r->mem, &m->q, &m->a);

	if (is_up && m->a.verdict == LIMIT_NO_COUNTER) {
		enum err e = read_ledger(r, &m->q);

		if (e != OK)
			return e;
		is_up = limit_ask(r->service, r->mem, &m->q, &m->a);
	}
	if (is_up)
		return OK;
	/* For more credits of one request: count on from its last answer. */
	if (m->a.used > m->q.ledger)
		m->q.ledger = m->a.used;
	local_limit_ask(r, &m->q, m->principal, &m->a);
	return OK;
}

/* Headers are written without printf(): each answer has six numbers of ours. */
static void
put_number(struct req *r, const char *name, int64_t n)
{
	char bytes[24];
	struct buf text;

	buf_init_fixed(&text, bytes, sizeof(bytes));
	buf_int(&text, n);
	buf_putc(&text, '\0');
	resp_keep(r, name, bytes);
}

static int64_t
credits_left(const struct meter *m)
{
	int64_t left = m->q.allowance - m->a.used;

	return left > 0 ? left : 0;
}

static void
add_policy(struct buf *b, const char *name, char what, int64_t n)
{
	buf_puts(b, b->n ? ", \"" : "\"");
	buf_puts(b, name);
	buf_puts(b, "\";");
	buf_putc(b, what);
	buf_putc(b, '=');
	buf_int(b, n);
}

static void
add_time(struct buf *b, char what, int64_t s)
{
	buf_putc(b, ';');
	buf_putc(b, what);
	buf_putc(b, '=');
	buf_int(b, s);
}

/* The policy "daily" is only for requests that are charged. */
static void
put_policies(struct req *r, const struct meter *m, int64_t left, int64_t wait)
{
	char policy_bytes[128], state_bytes[128];
	struct buf policy, state;

	buf_init_fixed(&policy, policy_bytes, sizeof(policy_bytes));
	buf_init_fixed(&state, state_bytes, sizeof(state_bytes));
	add_policy(&policy, "minute", 'q', m->q.requests);
	add_time(&policy, 'w', MINUTE_S);
	add_policy(&state, "minute", 'r', left);
	add_time(&state, 't', wait);
	if (m->q.user) {
		add_policy(&policy, "daily", 'q', m->q.allowance);
		add_time(&policy, 'w', DAY_S);
		add_policy(&state, "daily", 'r', credits_left(m));
		add_time(&state, 't', limit_day_left_s(m->q.day, m->q.wall_us));
	}
	buf_putc(&policy, '\0');
	buf_putc(&state, '\0');
	resp_keep(r, "RateLimit-Policy", policy_bytes);
	resp_keep(r, "RateLimit", state_bytes);
}

static int64_t
minute_wait_s(const struct meter *m)
{
	return m->a.verdict == LIMIT_RATE || m->a.verdict == LIMIT_ACCOUNT
	    ? window_retry_s(&m->a.window, m->q.requests, m->q.wall_us)
	    : window_reset_s(&m->a.window, m->q.wall_us);
}

static void
put_limits(struct req *r, const struct meter *m)
{
	int64_t wait = minute_wait_s(m);
	int64_t left = window_left(&m->a.window, m->q.requests, m->q.wall_us);

	put_number(r, "X-RateLimit-Limit", m->q.requests);
	put_number(r, "X-RateLimit-Remaining", left);
	put_number(r, "X-RateLimit-Reset", m->q.wall_us / US_PER_S + wait);
	put_policies(r, m, left, wait);
}

static enum err
refuse(struct req *r, enum err e, const char *policy, int64_t limit,
    const char *unit, int64_t wait)
{
	struct buf b;

	buf_init(&b, r->mem);
	buf_printf(&b, "the limit is %lld %s", (long long)limit, unit);
	buf_putc(&b, '\0');
	fail_field(r, e, policy, b.failed ? unit : b.p);
	r->fault.retry_after_s = (int)(wait > 1 ? wait : 1);
	return e;
}

static enum err
refuse_minute(struct req *r, const struct meter *m)
{
	return refuse(r, E_RATE_LIMITED, "minute", m->q.requests,
	    "requests a minute", minute_wait_s(m));
}

static enum err
refuse_account(struct req *r, const struct meter *m)
{
	return refuse(r, E_RATE_LIMITED, "account", m->q.requests,
	    "requests a minute, of all keys together", minute_wait_s(m));
}

static enum err
refuse_day(struct req *r, const struct meter *m)
{
	return refuse(r, E_QUOTA_EXCEEDED, "daily", m->q.allowance,
	    "credits a day", limit_day_left_s(m->q.day, clock_wall_us()));
}

static enum err
apply_verdict(struct req *r, struct meter *m)
{
	if (m->a.verdict == LIMIT_ACCOUNT)
		m->q.requests *= LIMIT_ACCOUNT_KEYS;
	put_limits(r, m);
	if (m->a.verdict == LIMIT_ACCOUNT)
		return refuse_account(r, m);
	if (m->a.verdict == LIMIT_RATE)
		return refuse_minute(r, m);
	return m->a.verdict == LIMIT_QUOTA ? refuse_day(r, m) : OK;
}

enum err
meter_enter(struct req *r, const struct credential *credential,
    struct principal *principal, struct meter **meter)
{
	struct meter *m = meter_new(r);
	enum err e = OK;
	uint64_t epoch;

	if (!m)
		return fail(r, E_TOO_LARGE, "no memory");
	if (principal)
		e = ledger_reserve(r, principal, credential->mode, m->q.day,
		    &m->entry);
	if (e != OK)
		return e;
	*meter = m;
	m->q.credential = credential;
	if (principal)
		ask_for_principal(r, m, credential, principal);
	else
		ask_for_lookup(r, m, credential);
	if (principal && lease_enter(r, principal, &m->q, &m->a)) {
		m->credits = r->route->cost;
		return apply_verdict(r, m);
	}
	epoch = lease_epoch(r, credential);
	e = ask(r, m);
	if (e != OK || m->a.verdict == LIMIT_STALE)
		return e;
	if (!principal)
		return apply_verdict(r, m);
	principal->stamp = m->a.stamp;
	if (m->a.granted)
		lease_keep(r, principal, epoch, &m->q, &m->a);
	if (m->a.verdict == LIMIT_PASS)
		m->credits = r->route->cost;
	return apply_verdict(r, m);
}

bool
meter_is_stale(const struct meter *m, struct revocation_stamp *stamp)
{
	*stamp = m->a.stamp;
	return m->a.verdict == LIMIT_STALE;
}

enum err
meter_address(struct req *r)
{
	struct meter *m = meter_new(r);
	enum err e;

	if (!m)
		return fail(r, E_TOO_LARGE, "no memory");
	set_address(r, m);
	e = ask(r, m);
	return e == OK ? apply_verdict(r, m) : e;
}

/* Charges the day of meter_enter(), also past midnight. */
enum err
meter_more(struct req *r, struct meter *m, unsigned credits)
{
	struct meter more = *m;

	more.q.credential = NULL;
	more.q.limit_key = more.q.account_key = NULL;
	more.q.ledger = LIMIT_UNKNOWN;
	more.q.cost = credits;
	more.q.want = 1;
	if (m->q.user) {
		enum err e = ask(r, &more);

		if (e != OK)
			return e;
		m->a.used = more.a.used;
		put_limits(r, m);
		if (more.a.verdict == LIMIT_QUOTA)
			return refuse_day(r, m);
	}
	m->credits += credits;
	return OK;
}

/* Without Redis there is no counter to correct: the ledger is right. */
static void
refund(struct req *r, struct meter *m)
{
	struct limit_question q = m->q;
	struct limit_answer a;

	q.credential = NULL;
	q.limit_key = q.account_key = NULL;
	q.ledger = LIMIT_UNKNOWN;
	q.cost = -(int64_t)m->credits;
	q.want = 1;
	if (!limit_ask(r->service, r->mem, &q, &a) || a.verdict != LIMIT_PASS)
		return;
	m->a.used = a.used;
	put_limits(r, m);
}

static enum ledger_outcome
outcome_of(const struct req *r, int status)
{
	if (r->fault.err == E_RATE_LIMITED)
		return LEDGER_RATE_LIMITED;
	if (r->fault.err == E_QUOTA_EXCEEDED)
		return LEDGER_QUOTA_EXCEEDED;
	if (status >= 500)
		return LEDGER_SERVER_ERROR;
	return status >= 400 ? LEDGER_CLIENT_ERROR : LEDGER_OK;
}

void
meter_refund(struct req *r, struct meter *m)
{
	if (m->credits && m->q.user)
		refund(r, m);
	m->credits = 0;
}

void
meter_keep(struct meter *m)
{
	m->is_kept = true;
}

/* A request that was refused, or that failed for no fault of the client. */
static bool
is_free(const struct req *r, int status)
{
	return status >= 500 || r->fault.err == E_RATE_LIMITED;
}

void
meter_leave(struct req *r, struct meter *m, int status)
{
	if (!m->entry)
		return;
	if (is_free(r, status) && !m->is_kept)
		meter_refund(r, m);
	ledger_note(m->entry, outcome_of(r, status), m->credits, r->body_read,
	    r->answer.sent ? r->bytes_out : r->answer.body.n);
}
