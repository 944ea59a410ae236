/*
 * jwks: the public keys of the issuer whose tokens are accepted.
 *
 * Owns:   RUN_DIR/jwks, which holds the last good key set and the time of the
 *         last fetch, and this process's copy of it.
 * Not:    tokens: jwt verifies those.
 * Limit:  256 KiB a set. It is fetched every ten minutes, and at most once a
 *         minute for an unknown key or after a failure. While it cannot be
 *         fetched, the last good set stays in use.
 */
#ifndef IO7_FCGI_IDENTITY_JWKS_H
#define IO7_FCGI_IDENTITY_JWKS_H

#include "fcgi/http/req.h"
#include "lib/crypto/jose.h"

/* The last good set, valid until the next call; NULL: none yet. */
const struct jose_set *jwks_set(struct req *);

/*
 * For a key that is not in the set: waits until the janitor has fetched the set
 * again, unless it did within the last minute. OK: jwks_set() is up to date.
 * E_UNAVAILABLE: the set cannot be fetched.
 */
enum err jwks_renew(struct req *) MUST_CHECK;

/* The last attempt and the last success, wall clock; 0: never. */
struct jwks_times {
	int64_t tried_us, fetched_us;
};

/* From the janitor's file. */
struct jwks_times jwks_times(const struct conf *, struct arena *);

/* The chore: fetches the set when it is due or requested. */
void jwks_keep(const struct service *, struct arena *);

#endif
