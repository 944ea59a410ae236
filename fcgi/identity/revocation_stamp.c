/*
 * Changing revocation stamps. The header says when.
 */
#include "fcgi/identity/revocation_stamp.h"

#include "lib/cache/cache.h"

/* ARGV: a stamp per key, then their seconds to live. */
static struct cache_script change = {
	.text = "for i, key in ipairs(KEYS) do\n"
		"	redis.call('SET', key, ARGV[i], 'EX', ARGV[#ARGV])\n"
		"end\n"
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

static bool
set_stamps(struct cache *cache, struct pair *pairs, struct str *in,
    const uint8_t *ids, size_t n)
{
	char seconds[24];
	int length =
	    snprintf(seconds, sizeof(seconds), "%d", REVOCATION_STAMP_SECONDS);

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
	return cache_call(cache, NULL,
	    &(struct cache_call){
		.script = &change,
		.in = in,
		.n_keys = n,
		.n_in = 2 * n + 1,
	    });
}

/* A user may have many keys: too many for the stack. */
bool
revocation_stamp_change(struct db *db, const uint8_t *ids, size_t n)
{
	struct cache *cache = db_cache(db);
	struct pair *pairs;
	struct str *in;
	bool is_done;

	if (n == 0)
		return true;
	pairs = calloc(n, sizeof(*pairs));
	in = calloc(2 * n + 1, sizeof(*in));
	cache_retry_now(cache);
	is_done = pairs && in && set_stamps(cache, pairs, in, ids, n);
	free(pairs);
	free(in);
	return is_done;
}
