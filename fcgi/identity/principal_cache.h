/*
 * principal_cache: the principals that this worker looked up recently.
 *
 * Limit:  PRINCIPALS_MAX entries, each for a minute. An entry holds only while
 *         the credential's stamp in Redis is the one that it was looked up
 *         under: the caller compares them.
 */
#ifndef IO7_FCGI_IDENTITY_PRINCIPAL_CACHE_H
#define IO7_FCGI_IDENTITY_PRINCIPAL_CACHE_H

#include "fcgi/identity/principal.h"

enum { PRINCIPALS_MAX = 4096 };

/* The entry of a credential, by its kind and digest, or NULL. */
struct principal *principal_cache_find(enum credential_kind,
    const uint8_t id[CRYPT_SHA256]);

/* Returns the new entry. */
struct principal *principal_cache_put(const struct principal *);

#endif
