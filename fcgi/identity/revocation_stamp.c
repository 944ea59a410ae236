/*
 * Epochs. See the header for when they change.
 */
#include "fcgi/identity/revocation_stamp.h"

#include "lib/cache/cache.h"

/* ARGV: a mark per key, and how long they live. */
static struct cache_script change = {
	.text = "for i, key in ipairs(KEYS) do\n"
		"	redis.call('SET', key, ARGV[i], 'EX', ARGV[#ARGV])\n"
		"end\n"
		"return {}\n",
};

struct mark {
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
set_marks(struct cache *cache, struct mark *marks, struct str *in,
    const uint8_t *ids, size_t n)
{
	char seconds[24];
	int length =
	    snprintf(seconds, sizeof(seconds), "%d", REVOCATION_STAMP_SECONDS);

	for (size_t i = 0; i < n; i++) {
		struct mark *m = &marks[i];

		if (!crypt_random(m->fresh.b, sizeof(m->fresh.b)))
			return false;
		revocation_stamp_key(ids + i * CRYPT_SHA256, m->key);
		in[i] = (struct str){ m->key, sizeof(m->key) };
		in[n + i] = (struct str){ (const char *)m->fresh.b,
			sizeof(m->fresh.b) };
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

/* A user has many keys at times, so this is not for the stack. */
bool
revocation_stamp_change(struct db *db, const uint8_t *ids, size_t n)
{
	struct cache *cache = db_cache(db);
	struct mark *marks;
	struct str *in;
	bool is_done;

	if (n == 0)
		return true;
	marks = calloc(n, sizeof(*marks));
	in = calloc(2 * n + 1, sizeof(*in));
	cache_urge(cache);
	is_done = marks && in && set_marks(cache, marks, in, ids, n);
	free(marks);
	free(in);
	return is_done;
}
