/*
 * stranger: credentials that nobody has, as this worker was just told.
 *
 * Owns:   a table of their digests.
 * Not:    those that are revoked or expired: they have an owner, who may be told.
 * Limit:  STRANGERS_MAX at once, each for STRANGER_S seconds; of two that share
 *         a place, the later one has it.
 */
#ifndef IO7_FCGI_IDENTITY_UNKNOWN_CACHE_H
#define IO7_FCGI_IDENTITY_UNKNOWN_CACHE_H

#include "fcgi/identity/credential.h"

enum { STRANGERS_MAX = 256, STRANGER_S = 5 };

/* Nobody has it. A token makes its own user, and is no stranger for long. */
void stranger_note(const struct credential *);

bool stranger_is(const struct credential *);

#endif
