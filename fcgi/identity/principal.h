/*
 * principal: the account of a request, its credential and its plan.
 *
 * Not:    enforcing limits, which meter does; nor checking permissions, which
 *         the gate does.
 */
#ifndef IO7_FCGI_IDENTITY_PRINCIPAL_H
#define IO7_FCGI_IDENTITY_PRINCIPAL_H

#include "fcgi/db/door.h"
#include "fcgi/identity/credential.h"
#include "fcgi/identity/revocation_stamp.h"
#include "fcgi/identity/scope.h"

struct plan {
	char id[33], name[65];
	int64_t credits_per_day, storage_bytes;
	int32_t requests_per_minute, streams;
};

struct principal {
	enum credential_kind kind;
	bool by_cookie;
	enum mode mode;
	unsigned scopes;
	struct tenant tenant;
	struct uuid
	    id; /* of the key or the session; for a token, of the user */
	uint8_t credential[CRYPT_SHA256];
	struct plan plan;
	int64_t expires_us; /* wall clock; 0: never */
	/* Of the user databases at the time of the lookup. */
	int64_t database_bytes[MODE_COUNT];
	/* Live credits of used_day in the ledger at the time of the lookup. */
	int64_t used_credits;
	int32_t used_day; /* days since 1970 */
	struct revocation_stamp stamp;
	/* Redis confirmed that stamp while the credential had this epoch. */
	bool is_confirmed;
	uint64_t epoch;
	int64_t looked_up_ns; /* monotonic */
};

/* A database that is almost empty does not count against the storage. */
enum { DATABASE_FREE_BYTES = 64 << 10 };

/* The part of the plan's storage that the user database of a mode has. */
int64_t principal_database_bytes(const struct principal *, enum mode);
/* The part that it leaves to the key-value store of the same mode. */
int64_t principal_store_max(const struct principal *);

struct credential_owner principal_owner(const struct principal *);

/*
 * Looks the credential up in the database, sets its owner, and caches the
 * result under that stamp; valid until the next lookup. E_UNAUTHORIZED, with a
 * sentence that names the reason, if it is unknown, revoked, disabled or
 * expired, or its account is not active. The first token of an issuer and
 * subject signs up a user.
 */
enum err principal_look_up(struct req *, struct credential *,
    struct revocation_stamp, struct principal **) MUST_CHECK;

#endif
