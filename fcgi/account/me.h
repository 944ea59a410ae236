/*
 * me: what an account may know of itself: who it is, what it has and used.
 *
 * Owns:   how that is shown.
 * Not:    keys and sessions, which have routes of their own; nor KV data.
 * Limit:  history of ME_DAYS days in the overview.
 */
#ifndef IO7_FCGI_ACCOUNT_ME_H
#define IO7_FCGI_ACCOUNT_ME_H

#include "fcgi/http/req.h"
#include "fcgi/identity/principal.h"

struct audit_list_row;
struct user_profile_row;

enum { ME_DAYS = 30 };

/* E_UNAUTHORIZED for a user who is gone by now. */
enum err me_profile(struct req *, struct uuid user, struct user_profile_row **)
    MUST_CHECK;
/* The same, and of each mode so many of the recent errors: a row for each. */
enum err me_profile_errors(struct req *, struct uuid user, int64_t each,
    struct user_profile_row **, size_t *n) MUST_CHECK;
/* The user as a JSON object. */
void me_user_json(struct buf *, struct uuid user,
    const struct user_profile_row *);
/* The members kind, mode, scopes and expires_at of a credential. */
void me_caller_json(struct buf *, const struct principal *, enum mode);
void me_audit_json(struct buf *, const struct audit_list_row *);

/* The handlers. */
enum err me_post_validate(struct req *);
enum err me_get_me(struct req *);
enum err me_get_plans(struct req *);
enum err me_get_audit(struct req *);
enum err me_get_overview(struct req *);
enum err me_get_export(struct req *);
enum err me_delete(struct req *);

#endif
