/*
 * removal: how an account ends.
 *
 * Owns:   the steps, and what is told of them.
 * Not:    whether it may: the caller has made sure of that.
 * Limit:  a worker may only begin it; schemas are dropped by the janitor or an
 *         operator, who also go on with what was cut off.
 */
#ifndef IO7_FCGI_ACCOUNT_REMOVAL_H
#define IO7_FCGI_ACCOUNT_REMOVAL_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"

struct removal {
	int64_t keys, sessions, audit_rows;
	struct removal_schema {
		bool is;
		int64_t tables, bytes;
	} schema[MODE_COUNT];
};

/* What there is to remove. */
enum err removal_survey(struct bases *, struct arena *, struct uuid user,
    struct removal *, const char **why) MUST_CHECK;
/* As the members of a JSON object. */
void removal_json(struct buf *, const struct removal *);

/* From here on nobody comes in as that user. E_NOT_FOUND: there is none. */
enum err removal_begin(struct bases *, struct arena *, struct uuid user,
    const char **why) MUST_CHECK;
/* Removes what is there, for a user of whom it was begun. */
enum err removal_finish(struct bases *, struct arena *, struct uuid user,
    const char **why) MUST_CHECK;

/* The chore: finishes what was begun. */
void removal_resume(const struct service *, struct arena *);

#endif
