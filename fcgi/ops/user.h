/*
 * user: the commands `io7 user`, `io7 key` and `io7 plan`.
 *
 * Not:    the schemas of tenants; see tenant.
 * Limit:  lists are read USER_PAGE rows at a time, for any number of users.
 */
#ifndef IO7_FCGI_OPS_USER_H
#define IO7_FCGI_OPS_USER_H

#include "fcgi/identity/audit.h"
#include "fcgi/ops/command.h"
#include "fcgi/ops/user_lookup.h"

enum { USER_PAGE = 1000 };

/*
 * Connects as the role that may change users. Ends the process with EX_USAGE if
 * an argument is left over.
 */
void user_open_db(struct ops_db *, struct args *, const struct options *);

/*
 * Runs the work for one user and writes the audit row, in one transaction; then
 * every worker looks the user's credentials up again. Returns false if the work
 * finds nothing to change. Ends the process if the transaction fails.
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
