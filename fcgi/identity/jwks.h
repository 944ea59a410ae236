/*
 * jwks: the keys of the issuer whose tokens are accepted.
 *
 * Owns:   RUN_DIR/jwks, the last good set with the time of the last try, and
 *         what this process has made of it.
 * Not:    tokens: jwt judges those.
 * Limit:  256 KiB a set. It is fetched every ten minutes, and at most once a
 *         minute for a key that is not in it or after a failure. While it
 *         cannot be had, the last good one is believed, for however long.
 */
#ifndef IO7_FCGI_IDENTITY_JWKS_H
#define IO7_FCGI_IDENTITY_JWKS_H

#include "fcgi/http/req.h"
#include "lib/crypto/jose.h"

/* The last good set, until the next call; NULL: there is none yet. */
const struct jose_set *jwks_set(struct req *);

/*
 * For a key that is not in the set: waits until the janitor has fetched it
 * anew, unless it did so within the last minute. OK: what jwks_set() returns
 * now is all that there is. E_UNAVAILABLE: it cannot be had.
 */
enum err jwks_renew(struct req *) MUST_CHECK;

/* When it was last tried, and last fetched; by the wall clock, 0: never. */
struct jwks_times {
	int64_t tried_us, fetched_us;
};

/* As the janitor left them. */
struct jwks_times jwks_times(const struct conf *, struct arena *);

/* The chore: fetches the set when it is time, or when it is asked for. */
void jwks_keep(const struct service *, struct arena *);

#endif
