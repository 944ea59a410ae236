/*
 * profile: a user, and lines of the user's audit log, as JSON.
 *
 * Not:    keys and sessions, which identity writes.
 */
#ifndef IO7_FCGI_ACCOUNT_PROFILE_H
#define IO7_FCGI_ACCOUNT_PROFILE_H

#include "fcgi/db/list.h"
#include "fcgi/identity/principal.h"

struct user_profile_row;

/* E_UNAUTHORIZED if the user was deleted in between. */
enum err profile_read(struct req *, struct uuid user,
    struct user_profile_row **) MUST_CHECK;
/*
 * The same with up to `errors` of the recent errors of each mode: a row for
 * each error, or one row if there is none.
 */
enum err profile_read_errors(struct req *, struct uuid user, int64_t errors,
    struct user_profile_row **, size_t *n) MUST_CHECK;

/* The user as a JSON object. */
void profile_json(struct buf *, struct uuid user,
    const struct user_profile_row *);
/* The members kind, mode, scopes and expires_at of a credential. */
void profile_credential_json(struct buf *, const struct principal *, enum mode);
/* The account's audit log. */
extern const struct list list_of_audit;

#endif
