/*
 * revocation_stamp: a random stamp per credential in Redis. A cached principal
 * holds only while the stamp is the one that it was looked up under.
 *
 * Owns:   the name of the stamp in Redis, and changing it.
 * Not:    reading it: that is part of meter's round trip to Redis.
 * Limit:  without Redis a cached principal holds for a second.
 */
#ifndef IO7_FCGI_IDENTITY_REVOCATION_STAMP_H
#define IO7_FCGI_IDENTITY_REVOCATION_STAMP_H

#include "fcgi/db/db.h"
#include "lib/base/str.h"
#include "lib/crypto/crypt.h"

struct epochs;

struct revocation_stamp {
	uint8_t b[16]; /* all zero: none */
};

/* A missing stamp means: look the credential up again. */
enum {
	REVOCATION_STAMP_SECONDS = 3600,
	REVOCATION_STAMP_KEY = 4 + 2 * CRYPT_SHA256
};

/* "io7e" and the id in hex, without a NUL. */
void revocation_stamp_key(const uint8_t id[CRYPT_SHA256],
    char to[REVOCATION_STAMP_KEY]);

/*
 * Sets new stamps for n credentials, 32 bytes each, and publishes them to the
 * listeners of all hosts, in one round trip. Called before and after the COMMIT
 * of a change: before, so that the old state is not kept if this process dies
 * in between; after, so that a lookup between the two is not kept. Tries even
 * if Redis was down a moment ago. False: Redis is down.
 *
 * With `wait` it returns when every host has stopped serving these credentials
 * from leases: usually within milliseconds, at most after a second, because a
 * host that receives no messages stops using leases by then.
 */
bool revocation_stamp_change(struct db *, const uint8_t *ids, size_t n,
    bool wait) MUST_CHECK;

/* --- For the listener of a host ------------------------------------------- */

#define REVOCATION_CHANNEL "io7:changes"

/* Announces to the other hosts that this host listens. */
bool revocation_listen(struct db *, const char *host) MUST_CHECK;

/* Applies a message of the channel to the epochs, and acknowledges it. */
void revocation_hear(struct db *, struct epochs *, struct str message);

#endif
