/*
 * session: opening and ending the sessions of browsers and devices.
 *
 * Not:    checking a session: identity does so, as with any credential.
 * Limit:  a session expires an hour after its last use, and after twelve hours
 *         in any case. Its token is shown once, to the client that signs in.
 */
#ifndef IO7_FCGI_SIGNIN_SESSION_H
#define IO7_FCGI_SIGNIN_SESSION_H

#include "fcgi/chore.h"
#include "fcgi/identity/principal.h"

enum { SESSION_SECONDS = 3600, SESSION_SECONDS_MAX = 12 * 3600 };

struct session {
	struct uuid id;
	int64_t expires_at;
	char token[SESSION_TEXT];
};

/* Within a transaction, with a line of the audit log; kind: web or device. */
enum err session_open(struct db_tx *, const struct req *, struct uuid user,
    const char *kind, struct session *) MUST_CHECK;

struct str session_token(const struct session *);

/* The handlers. */
enum err session_show(struct req *);
enum err session_show_all(struct req *);
enum err session_end(struct req *);
enum err session_sign_out(struct req *);

/* The chore: deletes old sessions, device codes and sign-ins. */
void session_sweep(const struct service *, struct arena *);

#endif
