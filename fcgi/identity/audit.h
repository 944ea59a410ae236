/*
 * audit: the audit log of an account: what happened, and by which credential.
 *
 * Owns:   the list of events.
 * Not:    the log of the program, which is the operator's.
 * Limit:  a row is written in the transaction of the change that it records.
 *         Rows are kept for AUDIT_DAYS.
 */
#ifndef IO7_FCGI_IDENTITY_AUDIT_H
#define IO7_FCGI_IDENTITY_AUDIT_H

#include "fcgi/identity/principal.h"

enum { AUDIT_DAYS = 400 };

enum audit_event {
	AUDIT_ACCOUNT_CREATED,
	AUDIT_ACCOUNT_DELETED,
	AUDIT_ACCOUNT_EXPORTED,
	AUDIT_ACCOUNT_RESUMED,
	AUDIT_ACCOUNT_SUSPENDED,
	AUDIT_CRON_SECRET_ROTATED,
	AUDIT_DEVICE_APPROVED,
	AUDIT_DEVICE_DENIED,
	AUDIT_KEY_CHANGED,
	AUDIT_KEY_CREATED,
	AUDIT_KEY_REVOKED,
	AUDIT_KEY_ROTATED,
	AUDIT_PLAN_CHANGED,
	AUDIT_SESSION_REVOKED,
	AUDIT_SIGNED_IN,
	AUDIT_SIGNED_OUT,
	AUDIT_EVENTS
};

struct audit {
	enum audit_event event;
	struct opt_uuid user;  /* absent: visible to operators only */
	struct opt_uuid about; /* the key or session that was changed */
	const char *details;   /* a JSON object; NULL: an empty one */
};

/* The actor is the request's principal, or the user who is signing in. */
enum err audit_note(struct db_tx *, const struct req *, const struct audit *)
    MUST_CHECK;
/* The actor is an operator at the command line. */
enum err audit_note_operator(struct db_tx *, const struct audit *) MUST_CHECK;

/* The chore: deletes rows that are older than AUDIT_DAYS. */
void audit_trim(const struct service *, struct arena *);

#endif
