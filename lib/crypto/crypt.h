/*
 * crypt: random bytes, digests, authentication codes and hexadecimal text.
 *
 * Not:    keys and signatures of tokens: lib/crypto/jose.h has those.
 */
#ifndef IO7_LIB_CRYPTO_CRYPT_H
#define IO7_LIB_CRYPTO_CRYPT_H

#include "lib/base/str.h"

enum { CRYPT_SHA256 = 32 };

/* Cryptographically random bytes; false if the system has none. */
bool crypt_random(void *, size_t n) MUST_CHECK;

bool crypt_sha256(struct str, uint8_t digest[CRYPT_SHA256]) MUST_CHECK;

bool crypt_hmac_sha256(struct str key, struct str text,
    uint8_t mac[CRYPT_SHA256]) MUST_CHECK;

/* Writes 2 * n lower-case digits, without a NUL. */
void crypt_hex(const void *, size_t n, char *to);
/* Reads exactly 2 * n digits of either case. */
bool crypt_unhex(struct str, void *to, size_t n) MUST_CHECK;

/* Compares secrets in constant time; only their lengths may show. */
bool crypt_equal(struct str, struct str) MUST_CHECK;

#endif
