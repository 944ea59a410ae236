/*
 * Changing revocation stamps. The header says when.
 */
#include "fcgi/identity/revocation_stamp.h"

#include "lib/cache/cache.h"
#include "lib/os/clock.h"
#include "lib/shm/epoch.h"

enum {
	ACK = 16,
	ACK_KEY = 4 + 2 * ACK,
	/* Listeners announce themselves more often than this. */
	LISTENER_S = 2,
};

#define WAIT_NS   NS_PER_S
#define POLL_NS   NS_PER_MS
#define LISTENERS "io7:listeners"

/*
 * KEYS: the stamps. ARGV: a stamp per key, their seconds to live, the message.
 * Returns how many listeners the message was sent to, and how many are
 * expected.
 */
static struct cache_script change = {
	.text = "for i, key in ipairs(KEYS) do\n"
		"\tredis.call('SET', key, ARGV[i], 'EX', ARGV[#KEYS + 1])\n"
		"end\n"
		"local since = redis.call('TIME')[1] - ARGV[#KEYS + 3]\n"
		"return {redis.call('PUBLISH', '" REVOCATION_CHANNEL
		"', ARGV[#KEYS + 2]),\n"
		"\tredis.call('ZCOUNT', '" LISTENERS "', since, '+inf')}\n",
};

/* KEYS: the key of the acknowledgements. Returns their number. */
static struct cache_script count_acks = {
	.text = "return {tonumber(redis.call('GET', KEYS[1]) or 0)}\n",
};

static struct cache_script acknowledge = {
	.text = "redis.call('INCR', KEYS[1])\n"
		"redis.call('EXPIRE', KEYS[1], 5)\n"
		"return {}\n",
};

/* ARGV: the host. Removes hosts that have been silent for long. */
static struct cache_script announce = {
	.text = "local now = redis.call('TIME')[1]\n"
		"redis.call('ZADD', '" LISTENERS "', now, ARGV[1])\n"
		"redis.call('ZREMRANGEBYSCORE', '" LISTENERS
		"', '-inf', now - 60)\n"
		"redis.call('EXPIRE', '" LISTENERS "', 60)\n"
		"return {}\n",
};

struct pair {
	char key[REVOCATION_STAMP_KEY];
	struct revocation_stamp fresh;
};

void
revocation_stamp_key(const uint8_t id[CRYPT_SHA256],
    char to[REVOCATION_STAMP_KEY])
{
	memcpy(to, "io7e", 4);
	crypt_hex(id, CRYPT_SHA256, to + 4);
}

/* The answer of the change script. */
struct reach {
	int64_t sent, expected;
};

/* An id for the acknowledgements, then the first byte of each digest. */
struct message {
	uint8_t ack[ACK];
	uint8_t first[];
};

static bool
set_stamps(struct cache *cache, struct pair *pairs, struct str *in,
    const uint8_t *ids, size_t n, struct str message, struct reach *reach)
{
	char seconds[24], listener[24];
	struct cache_value out[2];
	int length =
	    snprintf(seconds, sizeof(seconds), "%d", REVOCATION_STAMP_SECONDS);
	int digits = snprintf(listener, sizeof(listener), "%d", LISTENER_S);

	for (size_t i = 0; i < n; i++) {
		struct pair *pair = &pairs[i];

		if (!crypt_random(pair->fresh.b, sizeof(pair->fresh.b)))
			return false;
		revocation_stamp_key(ids + i * CRYPT_SHA256, pair->key);
		in[i] = (struct str){ pair->key, sizeof(pair->key) };
		in[n + i] = (struct str){ (const char *)pair->fresh.b,
			sizeof(pair->fresh.b) };
	}
	in[2 * n] = (struct str){ seconds, (size_t)length };
	in[2 * n + 1] = message;
	in[2 * n + 2] = (struct str){ listener, (size_t)digits };
	if (!cache_call(cache, NULL,
		&(struct cache_call){
		    .script = &change,
		    .in = in,
		    .n_keys = n,
		    .n_in = 2 * n + 3,
		    .out = out,
		    .n_out = ARRAY_LEN(out),
		}))
		return false;
	*reach = (struct reach){ out[0].n, out[1].n };
	return true;
}

static void
ack_key(const uint8_t ack[ACK], char to[ACK_KEY])
{
	memcpy(to, "io7a", 4);
	crypt_hex(ack, ACK, to + 4);
}

static bool
read_acks(struct cache *cache, const char key[ACK_KEY], int64_t *n)
{
	const struct str in = { key, ACK_KEY };
	struct cache_value out;
	bool fine = cache_call(cache, NULL,
	    &(struct cache_call){ .script = &count_acks,
		.in = &in,
		.n_keys = 1,
		.n_in = 1,
		.out = &out,
		.n_out = 1 });

	*n = fine ? out.n : 0;
	return fine;
}

/*
 * Waits for all acknowledgements. If the message did not reach every expected
 * listener, waits the full time: by then a host that receives nothing has
 * stopped using leases.
 */
static void
wait_for_hosts(struct cache *cache, const uint8_t ack[ACK],
    const struct reach *reach)
{
	int64_t until = clock_mono_ns() + WAIT_NS;
	bool all_reached = reach->sent > 0 && reach->sent >= reach->expected;
	char key[ACK_KEY];
	int64_t acks = 0;

	ack_key(ack, key);
	while (clock_mono_ns() < until) {
		if (all_reached && !read_acks(cache, key, &acks))
			all_reached = false;
		if (all_reached && acks >= reach->sent)
			return;
		clock_sleep(all_reached ? POLL_NS : until - clock_mono_ns());
	}
}

static bool
change_all(struct cache *cache, const uint8_t *ids, size_t n, bool wait,
    struct message *message, struct pair *pairs, struct str *in)
{
	const struct str text = { (const char *)message, sizeof(*message) + n };
	struct reach reach;

	if (!crypt_random(message->ack, sizeof(message->ack)))
		return false;
	for (size_t i = 0; i < n; i++)
		message->first[i] = ids[i * CRYPT_SHA256];
	cache_retry_now(cache);
	if (!set_stamps(cache, pairs, in, ids, n, text, &reach))
		return false;
	if (wait)
		wait_for_hosts(cache, message->ack, &reach);
	return true;
}

/* A user may have many keys: too many for the stack. */
bool
revocation_stamp_change(struct db *db, const uint8_t *ids, size_t n, bool wait)
{
	struct message *message;
	struct pair *pairs;
	struct str *in;
	bool is_done;

	if (n == 0)
		return true;
	message = calloc(1, sizeof(*message) + n);
	pairs = calloc(n, sizeof(*pairs));
	in = calloc(2 * n + 3, sizeof(*in));
	is_done = message && pairs && in &&
	    change_all(db_cache(db), ids, n, wait, message, pairs, in);
	free(message);
	free(pairs);
	free(in);
	return is_done;
}

/* --- Listening ------------------------------------------------------------ */

bool
revocation_listen(struct db *db, const char *host)
{
	const struct str in = str_of(host);

	return cache_call(db_cache(db), NULL,
	    &(struct cache_call){ .script = &announce, .in = &in, .n_in = 1 });
}

void
revocation_hear(struct db *db, struct epochs *epochs, struct str message)
{
	char key[ACK_KEY];
	const struct str in = { key, sizeof(key) };

	if (message.n < ACK)
		return;
	for (size_t i = ACK; i < message.n; i++)
		epoch_bump(epochs, (uint8_t)message.p[i]);
	ack_key((const uint8_t *)message.p, key);
	(void)!cache_call(db_cache(db), NULL,
	    &(struct cache_call){ .script = &acknowledge,
		.in = &in,
		.n_keys = 1,
		.n_in = 1 });
}
