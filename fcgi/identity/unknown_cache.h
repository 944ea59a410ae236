/*
 * unknown_cache: credentials that nobody has, as this worker was just told.
 *
 * Owns:   a table of their digests.
 * Not:    those that are revoked or expired: they have an owner, who may be told.
 * Limit:  STRANGERS_MAX at once, each for STRANGER_S seconds; of two that share
 *         a place, the later one has it.
 */
#ifndef IO7_FCGI_IDENTITY_UNKNOWN_CACHE_H
#define IO7_FCGI_IDENTITY_UNKNOWN_CACHE_H

#include "fcgi/identity/credential.h"

enum { UNKNOWN_CACHE_MAX = 256, UNKNOWN_CACHE_S = 5 };

/* Nobody has it. A token makes its own user, and is no stranger for long. */
void unknown_cache_add(const struct credential *);

bool unknown_cache_has(const struct credential *);

#endif
