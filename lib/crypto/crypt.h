/*
 * crypt: random bytes, digests, and comparing secrets.
 *
 * Owns:   nothing.
 * Not:    signatures and tokens; those are the business of jose.
 * Limit:  none.
 */
#ifndef IO7_LIB_CRYPTO_CRYPT_H
#define IO7_LIB_CRYPTO_CRYPT_H

#include "lib/base/str.h"

enum { CRYPT_SHA256 = 32 };

/* Bytes that nobody can guess; false when the machine has none to give. */
bool crypt_random(void *, size_t n) MUST_CHECK;

bool crypt_sha256(struct str, uint8_t digest[CRYPT_SHA256]) MUST_CHECK;

/* Lower-case digits, 2 * n of them, without a NUL. */
void crypt_hex(const void *, size_t n, char *to);
/* Back, from digits of either case: exactly 2 * n of them. */
bool crypt_unhex(struct str, void *to, size_t n) MUST_CHECK;

/* Takes the same time wherever two secrets of one length differ. */
bool crypt_equal(struct str, struct str) MUST_CHECK;

#endif
