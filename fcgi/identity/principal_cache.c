/*
 * The cache is set-associative. A credential's set is chosen by the first bytes
 * of its digest, which no client can choose; the oldest entry of a set is
 * replaced.
 */
#include "fcgi/identity/principal_cache.h"

#include "lib/os/clock.h"

enum { WAYS = 4, SETS = PRINCIPALS_MAX / WAYS };

#define CACHED_NS (60 * NS_PER_S)

static struct principal entries[SETS][WAYS];

static struct principal *
set_of(const uint8_t id[CRYPT_SHA256])
{
	return entries[(id[0] << 8 | id[1]) % SETS];
}

/* An expired entry is looked up again: use moves a session's expiry. */
static bool
is_fresh(const struct principal *entry)
{
	return clock_mono_ns() - entry->looked_up_ns < CACHED_NS &&
	    !(entry->expires_us && entry->expires_us <= clock_wall_us());
}

struct principal *
principal_cache_find(enum credential_kind kind, const uint8_t id[CRYPT_SHA256])
{
	struct principal *set = set_of(id);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].kind == kind &&
		    memcmp(set[i].credential, id, CRYPT_SHA256) == 0)
			return is_fresh(&set[i]) ? &set[i] : NULL;
	return NULL;
}

struct principal *
principal_cache_put(const struct principal *principal)
{
	struct principal *set = set_of(principal->credential), *entry = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (memcmp(set[i].credential, principal->credential,
			sizeof(principal->credential)) == 0) {
			entry = &set[i];
			break;
		}
		if (set[i].looked_up_ns < entry->looked_up_ns)
			entry = &set[i];
	}
	*entry = *principal;
	return entry;
}
