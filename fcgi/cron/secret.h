/*
 * secret: the secrets that sign the requests of a user's cron jobs.
 *
 * A user has one for each mode, which is created when it is first needed. After a
 * rotation the previous one signs, too, until its grace has passed.
 *
 * Owns:   the table io7.cron_secrets, where they are encrypted.
 */
#ifndef IO7_FCGI_CRON_SECRET_H
#define IO7_FCGI_CRON_SECRET_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"

enum {
	CRON_SECRET_GRACE_S = 24 * 3600,
	CRON_SECRET_GRACE_MAX_S = 7 * 24 * 3600,
};

struct cron_secret {
	/* Set by the caller. */
	const struct service *service;
	struct arena *mem;
	struct uuid user;
	enum mode mode;

	struct str secret;   /* "whsec_…" */
	struct str previous; /* without p: it does not sign any more */
	int64_t created_at;
	struct opt_int64 previous_until;
	const char *why; /* of a failure, as a sentence for the user */
};

/*
 * Finds the secrets, and creates the first one. E_UNAVAILABLE: there is none,
 * and none can be encrypted. E_INTERNAL: they cannot be decrypted.
 */
enum err cron_secret_find(struct db_tx *, struct cron_secret *) MUST_CHECK;
/* Replaces the secret; the previous one signs for that many seconds more. */
enum err cron_secret_rotate(struct db_tx *, struct cron_secret *,
    int64_t grace_s) MUST_CHECK;

#endif
