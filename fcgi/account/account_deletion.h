/*
 * account_deletion: deletes an account.
 *
 * Owns:   the order of the steps, and the report of what is deleted.
 * Not:    permission and confirmation: those are the caller's.
 * Limit:  a worker may only begin it. Schemas are dropped by the janitor or by
 *         an operator, who also continue an interrupted deletion.
 */
#ifndef IO7_FCGI_ACCOUNT_ACCOUNT_DELETION_H
#define IO7_FCGI_ACCOUNT_ACCOUNT_DELETION_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"

struct account_deletion {
	int64_t keys, sessions, audit_rows;
	struct account_deletion_schema {
		bool is;
		int64_t tables, bytes;
	} schema[MODE_COUNT];
};

/* Counts what a deletion removes. */
enum err account_deletion_survey(struct db *, struct arena *, struct uuid user,
    struct account_deletion *, const char **why) MUST_CHECK;
/* The members of a JSON object. */
void account_deletion_json(struct buf *, const struct account_deletion *);

/* Refuses the user's credentials from now on. E_NOT_FOUND: no such user. */
enum err account_deletion_begin(struct db *, struct arena *, struct uuid user,
    const char **why) MUST_CHECK;
/* Deletes everything of a user whose deletion was begun. */
enum err account_deletion_finish(const struct service *, struct arena *,
    struct uuid user, const char **why) MUST_CHECK;

/* The chore: finishes deletions that were begun. */
void account_deletion_resume(const struct service *, struct arena *);

#endif
