/*
 * principal: who is asking, and what that account may do.
 *
 * Owns:   what a worker remembers of the accounts it met.
 * Not:    limits: meter counts against the plan that stands here.
 * Limit:  CALLERS_MAX remembered, each for a minute at most, and only as long
 *         as its epoch in Redis is the one it was looked up under.
 */
#ifndef IO7_FCGI_IDENTITY_PRINCIPAL_H
#define IO7_FCGI_IDENTITY_PRINCIPAL_H

#include "fcgi/db/door.h"
#include "fcgi/identity/credential.h"
#include "fcgi/identity/revocation_stamp.h"
#include "fcgi/identity/scope.h"

enum { PRINCIPALS_MAX = 1024 };

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
	struct uuid id; /* the key's, or the session's; a token's: the user's */
	uint8_t credential[CRYPT_SHA256];
	struct plan plan;
	int64_t expires_us; /* wall clock; 0: never */
	/* Live credits of today, as the ledger had them at the lookup. */
	int64_t used_credits;
	int32_t used_day; /* days since 1970 */
	struct revocation_stamp stamp;
	int64_t looked_up_ns; /* monotonic */
};

/* Whose credential a request shows, whether it is let in with it or not. */
struct bearer {
	struct uuid user;
	struct uuid key; /* all zero: it is a session's or a token's */
	enum mode mode;
};

/* What this worker remembers; NULL: nothing, or not any more. */
const struct principal *principal_recall(const struct credential *);

/* What the gate learns of a remembered one: its epoch, and further use. */
void principal_set_stamp(const struct principal *, struct revocation_stamp);
void principal_add_use(const struct principal *, int64_t credits);

/* The request's bearer is that caller. */
void principal_show(struct req *, const struct credential *,
    const struct principal *);

/*
 * Asks the database, and remembers the answer under that epoch. E_UNAUTHORIZED
 * with its own message for what is unknown, revoked, disabled, expired or
 * suspended. The first token of a new issuer and subject signs the user up.
 */
enum err principal_look_up(struct req *, const struct credential *,
    struct revocation_stamp, const struct principal **) MUST_CHECK;

/*
 * The request is this caller's from now on: r->caller and r->tenant, in the
 * credential's mode. E_FORBIDDEN where the route's row needs a scope that it
 * has not, or a person where it is a key.
 */
enum err principal_admit(struct req *, const struct credential *,
    const struct principal *) MUST_CHECK;

#endif
