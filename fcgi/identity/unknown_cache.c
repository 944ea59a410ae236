/*
 * Strangers. Whoever sends one invented key again and again is not worth a
 * question to the database each time. A key is shown after it was stored, so
 * none that is any good was ever asked about before.
 */
#include "fcgi/identity/unknown_cache.h"

#include "lib/os/clock.h"

static struct {
	uint8_t id[CRYPT_SHA256];
	int64_t until_ns;
} strangers[UNKNOWN_CACHE_MAX];

/* By bytes that nobody can choose. */
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
	memcpy(strangers[at].id, c->id, sizeof(c->id));
	strangers[at].until_ns = clock_mono_ns() + UNKNOWN_CACHE_S * NS_PER_S;
}

bool
unknown_cache_has(const struct credential *c)
{
	size_t at = place_of(c);

	return clock_mono_ns() < strangers[at].until_ns &&
	    memcmp(strangers[at].id, c->id, sizeof(c->id)) == 0;
}
