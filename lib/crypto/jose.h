/*
 * jose: sets of public keys (RFC 7517) and signed tokens (RFC 7515).
 *
 * Owns:   the keys of a set, until it is freed.
 * Not:    claims: the caller judges what a token claims.
 * Limit:  RS256, ES256 and EdDSA by a set, HS256 by a secret; JOSE_KEYS_MAX
 *         keys a set, JOSE_TOKEN_MAX bytes a token.
 */
#ifndef IO7_LIB_CRYPTO_JOSE_H
#define IO7_LIB_CRYPTO_JOSE_H

#include "lib/base/str.h"

enum {
	JOSE_TOKEN_MAX = 8 * 1024,
	JOSE_KEYS_MAX = 64,
	JOSE_SECRET_MIN = 32, /* bytes */
};

struct json;
struct jose_set;

/*
 * Parses a JSON text; the arena is used during the call only. Keys that are
 * unsupported or not for signatures are skipped. NULL with the problem if no
 * key is left, if two have the same kid, or if the text is not a key set.
 */
struct jose_set *jose_set_new(struct arena *, struct str text,
    const char **problem) MUST_CHECK;
/* NULL is ignored. */
void jose_set_free(struct jose_set *);
size_t jose_set_count(const struct jose_set *);

/* The keys that verify tokens: a set or NULL, a secret or an empty text. */
struct jose_trust {
	const struct jose_set *set;
	struct str secret;
};

enum jose_verdict {
	JOSE_GOOD,
	JOSE_REFUSED,
	JOSE_UNKNOWN_KEY, /* well-formed, but its key is not in the set */
};

/* Three parts separated by dots; jose_verify() checks the parts. */
bool jose_is_token(struct str);

/*
 * A good token yields its claims, an object in the arena; any other a problem
 * for the log. The key is found by the token's kid. A token without kid is
 * verified only if the set has exactly one key for its algorithm.
 */
enum jose_verdict jose_verify(struct arena *, struct str token,
    const struct jose_trust *, const struct json **claims, const char **problem)
    MUST_CHECK;

#endif
