/*
 * Unknown credentials. An invented key that is sent again and again costs one
 * lookup in five seconds. A new key cannot be in this table: it is shown to its
 * owner only after it is stored.
 */
#include "fcgi/identity/unknown_cache.h"

#include "lib/os/clock.h"

static struct {
	uint8_t id[CRYPT_SHA256];
	int64_t until_ns;
} entries[UNKNOWN_CACHE_MAX];

/* By bytes of the digest, which no client can choose. */
static size_t
place_of(const struct credential *c)
{
	return (size_t)(c->id[0] << 8 | c->id[1]) % UNKNOWN_CACHE_MAX;
}

void
unknown_cache_add(const struct credential *c)
{
	size_t at = place_of(c);

	if (c->kind == CREDENTIAL_TOKEN)
		return;
	memcpy(entries[at].id, c->id, sizeof(c->id));
	entries[at].until_ns = clock_mono_ns() + UNKNOWN_CACHE_S * NS_PER_S;
}

bool
unknown_cache_has(const struct credential *c)
{
	size_t at = place_of(c);

	return clock_mono_ns() < entries[at].until_ns &&
	    memcmp(entries[at].id, c->id, sizeof(c->id)) == 0;
}
