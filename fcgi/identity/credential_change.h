/*
 * credential_change: a transaction that changes what credentials may do.
 *
 * Owns:   publishing the change to every worker of every host.
 * Not:    the change itself: that is the caller's work.
 * Limit:  takes effect immediately with Redis, and within a second without. If
 *         this process dies after COMMIT, or Redis is back within that second,
 *         it takes effect when the janitor publishes it again.
 */
#ifndef IO7_FCGI_IDENTITY_CREDENTIAL_CHANGE_H
#define IO7_FCGI_IDENTITY_CREDENTIAL_CHANGE_H

#include "fcgi/db/door.h"
#include "fcgi/identity/revocation_stamp.h"
#include "fcgi/service.h"

/* The credentials that change. */
struct credential_change {
	struct buf ids; /* their digests, concatenated */
	void *context;
};

/*
 * Runs work as one transaction, and publishes the credentials that it names
 * with credential_change_of...(): every worker then looks them up again. Work
 * is run again after a serialization failure or a deadlock.
 */
enum err credential_change_transact(struct db *, struct arena *,
    enum err (*work)(struct db_tx *, struct credential_change *), void *context,
    const char **why) MUST_CHECK;

/* The chore: publishes queued changes once more. */
void credential_change_resume(const struct service *, struct arena *);

/* Names a credential, by its digest. */
void credential_change_of(struct credential_change *, struct str hash);
/*
 * Names all credentials of a user: keys, sessions and tokens. Locks the user's
 * row, so that no credential is added before the transaction ends.
 */
enum err credential_change_of_user(struct db_tx *, struct uuid user,
    struct credential_change *) MUST_CHECK;

#endif
