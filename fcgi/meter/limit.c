/*
 * The question to Redis. A part that does not apply has an empty key.
 */
#include "fcgi/meter/limit.h"

#include "lib/cache/cache.h"
#include "limit.lua.h"
#include "limit_return.lua.h"

#include <arpa/inet.h>

enum { KEYS = 4, ARGS = 12, ANSWERS = 7, SPARE_S = 60, DAY_S = 86400 };

static struct cache_script script = { .text = limit_lua };
static struct cache_script return_script = { .text = limit_return_lua };

static void
set_key(struct limit_key *s, char kind, const void *id, size_t n)
{
	memcpy(s->text, "io7r", 4);
	s->text[4] = kind;
	crypt_hex(id, n, s->text + 5);
	s->n = 5 + 2 * n;
}

void
limit_key_of_principal(const struct principal *principal, struct limit_key *s)
{
	bool is_key = principal->kind == CREDENTIAL_KEY;

	set_key(s, is_key ? 'k' : 'u',
	    is_key ? principal->id.b : principal->tenant.user.b,
	    sizeof(principal->id.b));
}

void
limit_key_of_account(struct uuid user, struct limit_key *s)
{
	set_key(s, 'a', user.b, sizeof(user.b));
}

/* Absent and unparseable addresses share one bucket. */
void
limit_key_of_address(struct str text, struct limit_key *s)
{
	uint8_t a[sizeof(struct in6_addr)] = { 0 };
	char name[INET6_ADDRSTRLEN] = "";

	if (text.n && text.n < sizeof(name))
		memcpy(name, text.p, text.n);
	if (inet_pton(AF_INET, name, a) == 1)
		set_key(s, '4', a, 4);
	else if (inet_pton(AF_INET6, name, a) != 1)
		set_key(s, '?', a, 0);
	else if (IN6_IS_ADDR_V4MAPPED((struct in6_addr *)a))
		set_key(s, '4', a + 12, 4);
	else
		set_key(s, '6', a, 8);
}

int64_t
limit_day_left_s(int32_t day, int64_t wall_us)
{
	int64_t left = (day + INT64_C(1)) * DAY_S * US_PER_S - wall_us;

	return left > 0 ? (left + US_PER_S - 1) / US_PER_S : 0;
}

enum { CREDITS_KEY = 64 };

/* The texts of one question. */
struct words {
	char stamp[REVOCATION_STAMP_KEY], credits[CREDITS_KEY];
	struct revocation_stamp fresh;
	struct buf numbers;
	char bytes[256];
	struct str in[KEYS + ARGS];
};

static struct str
number(struct words *w, int64_t n)
{
	size_t at = w->numbers.n;

	buf_printf(&w->numbers, "%lld", (long long)n);
	return (struct str){ w->numbers.p + at, w->numbers.n - at };
}

static struct str
stamp_text(const struct revocation_stamp *stamp)
{
	return (struct str){ (const char *)stamp->b, sizeof(stamp->b) };
}

static struct str
stamp_name(struct words *w, const struct limit_question *q)
{
	if (!q->credential)
		return STR("");
	revocation_stamp_key(q->credential->id, w->stamp);
	return (struct str){ w->stamp, sizeof(w->stamp) };
}

/* "io7q", the user's id in hex, and the day. */
static struct str
credits_name(struct uuid user, int32_t day, char to[CREDITS_KEY])
{
	const size_t digits = 2 * sizeof(user.b);
	int n;

	memcpy(to, "io7q", 4);
	crypt_hex(user.b, sizeof(user.b), to + 4);
	n = snprintf(to + 4 + digits, CREDITS_KEY - 4 - digits, ":%d",
	    (int)day);
	return (struct str){ to, 4 + digits + (size_t)n };
}

static struct str
window_name(const struct limit_key *key)
{
	return key ? (struct str){ key->text, key->n } : STR("");
}

static bool
write_question(const struct limit_question *q, struct words *w)
{
	struct str *in = w->in;

	buf_init_fixed(&w->numbers, w->bytes, sizeof(w->bytes));
	if (!crypt_random(w->fresh.b, sizeof(w->fresh.b)))
		return false;
	*in++ = stamp_name(w, q);
	*in++ = window_name(q->limit_key);
	*in++ = q->user ? credits_name(*q->user, q->day, w->credits) : STR("");
	*in++ = window_name(q->account_key);

	*in++ = q->expected ? stamp_text(q->expected) : STR("");
	*in++ = stamp_text(&w->fresh);
	*in++ = number(w, REVOCATION_STAMP_SECONDS);
	*in++ = number(w, q->requests);
	*in++ = number(w, q->wall_us);
	*in++ = number(w, q->allowance);
	*in++ = number(w, q->cost);
	*in++ = number(w, q->ledger);
	*in++ = number(w, limit_day_left_s(q->day, q->wall_us) + SPARE_S);
	*in++ = number(w, q->want);
	*in++ = number(w, q->is_lookup);
	*in++ = number(w, q->requests * LIMIT_ACCOUNT_KEYS);
	return !w->numbers.failed;
}

static bool
read_answer(const struct cache_value out[ANSWERS], struct limit_answer *a)
{
	if (!out[1].text.p || out[1].text.n != sizeof(a->stamp.b))
		return false;
	a->verdict = (enum limit_verdict)out[0].n;
	memcpy(a->stamp.b, out[1].text.p, sizeof(a->stamp.b));
	a->window = (struct window){ out[2].n, out[3].n, out[4].n };
	a->used = out[5].n;
	a->granted = out[6].n;
	return true;
}

bool
limit_ask(const struct service *service, struct arena *mem,
    const struct limit_question *q, struct limit_answer *a)
{
	struct cache_value out[ANSWERS];
	struct words w;

	return write_question(q, &w) &&
	    cache_call(db_cache(service->db), mem,
		&(struct cache_call){
		    .script = &script,
		    .in = w.in,
		    .n_keys = KEYS,
		    .n_in = KEYS + ARGS,
		    .out = out,
		    .n_out = ANSWERS,
		}) &&
	    read_answer(out, a);
}

static struct str
account_name(struct uuid user, struct limit_key *key)
{
	limit_key_of_account(user, key);
	return window_name(key);
}

bool
limit_return(struct cache *cache, const struct limit_rest *rest)
{
	char requests[24], minute[24], credits[CREDITS_KEY];
	int n = snprintf(requests, sizeof(requests), "%lld",
	    (long long)rest->requests);
	int m =
	    snprintf(minute, sizeof(minute), "%lld", (long long)rest->minute);
	struct limit_key account;
	const struct str in[] = {
		window_name(&rest->limit_key),
		account_name(rest->user, &account),
		rest->is_charged ? credits_name(rest->user, rest->day, credits)
				 : STR(""),
		{ requests, (size_t)n },
		{ minute, (size_t)m },
	};

	return cache_call(cache, NULL,
	    &(struct cache_call){
		.script = &return_script,
		.in = in,
		.n_keys = 3,
		.n_in = ARRAY_LEN(in),
	    });
}
