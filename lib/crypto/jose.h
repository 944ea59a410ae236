/*
 * jose: sets of public keys (RFC 7517), and the signatures of tokens (RFC 7515).
 *
 * Owns:   the keys of a set, until it is freed.
 * Not:    claims: what a token says is for others to judge.
 * Limit:  RS256, ES256 and EdDSA (Ed25519) by a set, HS256 by a secret; 64 keys a set,
 *         8 KiB a token.
 */
#ifndef IO7_LIB_CRYPTO_JOSE_H
#define IO7_LIB_CRYPTO_JOSE_H

#include "lib/json/json.h"

enum {
	JOSE_TOKEN_MAX = 8 * 1024,
	JOSE_KEYS_MAX = 64,
	JOSE_SECRET_MIN = 32, /* bytes */
};

struct jose_set;

/*
 * Of a JSON text; the arena is for the time of the call. A key that we cannot
 * use, or that is not for signatures, is left out. NULL with the problem where
 * none is left, where two have one name, and for what is no such text.
 */
struct jose_set *jose_set_new(struct arena *, struct str text,
    const char **problem) MUST_CHECK;
/* NULL is no set. */
void jose_set_free(struct jose_set *);
size_t jose_set_count(const struct jose_set *);

/* Whom we believe: a set or NULL, a secret or nothing. */
struct jose_trust {
	const struct jose_set *set;
	struct str secret;
};

enum jose_verdict {
	JOSE_GOOD,
	JOSE_REFUSED,
	JOSE_UNKNOWN_KEY, /* well formed, but its key is not in the set */
};

/*
 * Two dots between three parts: a token may be that. The parts themselves are
 * for jose_verify() to judge.
 */
bool jose_is_token(struct str);

/*
 * The claims are an object in the arena, and only there where the verdict is
 * good; else there is a problem, for the log. A key is found by the token's
 * kid; without one, where the set has one key alone for its algorithm.
 */
enum jose_verdict jose_verify(struct arena *, struct str token,
    const struct jose_trust *, const struct json **claims, const char **problem)
    MUST_CHECK;

#endif
