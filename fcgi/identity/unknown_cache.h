/*
 * unknown_cache: a negative cache of unknown keys, each kept for 5 s.
 *
 * Owns:   a table of digests.
 * Not:    revoked and expired credentials: they have an owner, and a message
 *         that names the reason.
 * Limit:  UNKNOWN_CACHE_MAX entries, each for UNKNOWN_CACHE_S seconds; of two
 *         that share a place, the later one replaces the other.
 */
#ifndef IO7_FCGI_IDENTITY_UNKNOWN_CACHE_H
#define IO7_FCGI_IDENTITY_UNKNOWN_CACHE_H

#include "fcgi/identity/credential.h"

enum { UNKNOWN_CACHE_MAX = 256, UNKNOWN_CACHE_S = 5 };

/* Tokens are not added: the first one of a user creates that user. */
void unknown_cache_add(const struct credential *);

bool unknown_cache_has(const struct credential *);

#endif
