/*
 * webhook: signs requests as Standard Webhooks does.
 *
 * The signature is HMAC-SHA256 of "ID.TIMESTAMP.BODY". A secret is "whsec_" and
 * the base64 of 24 to 64 bytes.
 */
#ifndef IO7_LIB_CRYPTO_WEBHOOK_H
#define IO7_LIB_CRYPTO_WEBHOOK_H

#include "lib/base/str.h"

enum {
	WEBHOOK_KEY_MIN = 24, /* bytes of a decoded secret */
	WEBHOOK_KEY_MAX = 64,
	/* "whsec_", the base64 of 32 bytes, and a NUL. */
	WEBHOOK_SECRET_TEXT = 6 + 44 + 1,
};

struct webhook_signer {
	/* Of the message, the same in every retry: visible ASCII, no dot. */
	struct str id;
	struct str secret;
	struct str next; /* while a secret is rotated: also signs; else empty */
};

/* Returns what is wrong with a secret, as a public sentence, or NULL. */
const char *webhook_secret_problem(struct arena *, struct str secret);

/* Writes a new random secret; false if the system has no random bytes. */
bool webhook_secret_new(char to[WEBHOOK_SECRET_TEXT]) MUST_CHECK;

/*
 * Writes the value of webhook-signature: "v1,BASE64", and after a space that of
 * the next secret. False if a secret or the id is not valid, or without memory.
 */
bool webhook_sign(struct arena *, const struct webhook_signer *,
    int64_t timestamp_s, struct str body, struct buf *) MUST_CHECK;

#endif
