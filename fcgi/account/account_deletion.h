/*
 * account_deletion: how an account ends.
 *
 * Owns:   the steps, and what is told of them.
 * Not:    whether it may: the caller has made sure of that.
 * Limit:  a worker may only begin it; schemas are dropped by the janitor or an
 *         operator, who also go on with what was cut off.
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

/* What there is to remove. */
enum err account_deletion_survey(struct db *, struct arena *, struct uuid user,
    struct account_deletion *, const char **why) MUST_CHECK;
/* As the members of a JSON object. */
void account_deletion_json(struct buf *, const struct account_deletion *);

/* From here on nobody comes in as that user. E_NOT_FOUND: there is none. */
enum err account_deletion_begin(struct db *, struct arena *, struct uuid user,
    const char **why) MUST_CHECK;
/* Removes what is there, for a user of whom it was begun. */
enum err account_deletion_finish(struct db *, struct arena *, struct uuid user,
    const char **why) MUST_CHECK;

/* The chore: finishes what was begun. */
void account_deletion_resume(const struct service *, struct arena *);

#endif
