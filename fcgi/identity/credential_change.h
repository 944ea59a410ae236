/*
 * credential_change: a transaction that changes what credentials may do.
 *
 * Owns:   telling every worker of every host, before and after the COMMIT.
 * Not:    what changes: that is the caller's work.
 * Limit:  as epoch: without Redis others notice within a second; where it is
 *         back sooner than that, or we die behind the COMMIT, once the janitor
 *         has made up for it.
 */
#ifndef IO7_FCGI_IDENTITY_CREDENTIAL_CHANGE_H
#define IO7_FCGI_IDENTITY_CREDENTIAL_CHANGE_H

#include "fcgi/db/door.h"
#include "fcgi/identity/revocation_stamp.h"
#include "fcgi/service.h"

/* The credentials that change, by their digests one behind the other. */
struct credential_change {
	struct buf ids;
	void *context;
};

/*
 * Does the work as one transaction, and whatever it adds to `change` by
 * change_of...() is looked up anew by everybody. The work is done again where
 * another transaction was in the way.
 */
enum err credential_change_transact(struct db *, struct arena *,
    enum err (*work)(struct db_tx *, struct credential_change *), void *context,
    const char **why) MUST_CHECK;

/* The chore: tells Redis once more what has changed. */
void credential_change_resume(const struct service *, struct arena *);

/* One credential, by its digest. */
void credential_change_of(struct credential_change *, struct str hash);
/*
 * All of a user: keys, sessions, and what a token of the user is known by. Who
 * wants to add to them waits until the transaction is over.
 */
enum err credential_change_of_user(struct db_tx *, struct uuid user,
    struct credential_change *) MUST_CHECK;

#endif
