/*
 * user: what an operator does with users, their keys and their plans.
 *
 * Owns:   the words of `io7 user`, `io7 key` and `io7 plan`.
 * Not:    tenants' schemas; see tenant.
 * Limit:  lists are read in pages, so there may be any number of users.
 */
#ifndef IO7_FCGI_OPS_USER_H
#define IO7_FCGI_OPS_USER_H

#include "fcgi/identity/audit.h"
#include "fcgi/ops/command.h"
#include "fcgi/ops/user_lookup.h"

enum { USER_PAGE = 1000 };

/* The databases, as the role that may change users; no word may be left. */
void user_access(struct ops_db *, struct args *, const struct options *);

/*
 * Does the work for one user and writes it down, as one transaction; everybody
 * asks anew who the user is. False where the work finds nothing to be done; ends
 * the process where it fails.
 */
bool user_change(struct ops_db *, const struct audit *,
    enum err (*work)(struct db_tx *, struct uuid user, const void *context),
    const void *context);

/* Verbs of `io7 user`; each returns the exit code. */
int user_create(struct args *);
int user_delete(struct args *);
int user_list_all(struct args *);
int user_resume(struct args *);
int user_show(struct args *);
int user_suspend(struct args *);

#endif
