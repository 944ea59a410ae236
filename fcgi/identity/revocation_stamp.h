/*
 * revocation_stamp: a random mark per credential, in Redis, that tells every worker of
 * every host whether what it remembers of it still holds.
 *
 * Owns:   the name of the mark, and changing it.
 * Not:    reading it: that is part of the gate's one question to Redis.
 * Limit:  without Redis nothing remembered is believed for over a second.
 */
#ifndef IO7_FCGI_IDENTITY_REVOCATION_STAMP_H
#define IO7_FCGI_IDENTITY_REVOCATION_STAMP_H

#include "fcgi/db/db.h"
#include "lib/crypto/crypt.h"

struct revocation_stamp {
	uint8_t b[16]; /* all zero: there is none */
};

/* A mark that Redis forgot means: look it up again. */
enum {
	REVOCATION_STAMP_SECONDS = 3600,
	REVOCATION_STAMP_KEY = 4 + 2 * CRYPT_SHA256
};

/* "io7e" and the digits of the id, without a NUL. */
void revocation_stamp_key(const uint8_t id[CRYPT_SHA256],
    char to[REVOCATION_STAMP_KEY]);

/*
 * New marks for n credentials, 32 bytes each, in one round trip. Called before
 * and after the COMMIT of whatever changes what they may do: before, so that
 * nobody keeps the old state if we die in between; after, so that nobody keeps
 * what was looked up between the two. It tries even where Redis was away a
 * moment ago. False where it was in vain.
 */
bool revocation_stamp_change(struct db *, const uint8_t *ids, size_t n)
    MUST_CHECK;

#endif
