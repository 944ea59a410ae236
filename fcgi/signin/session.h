/*
 * session: that somebody is signed in, at a browser or by a device.
 *
 * Owns:   opening and ending sessions; that they end by themselves is in the
 *         database.
 * Not:    letting them in: account does so, as with any credential.
 * Limit:  an hour from the last use on, twelve hours at most; a token is known
 *         in full only to who signs in, once.
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

/* Within a transaction, with its line of the audit log; kind: web, device. */
enum err session_open(struct db_tx *, const struct req *, struct uuid user,
    const char *kind, struct session *) MUST_CHECK;

struct str session_token(const struct session *);

/* The handlers. */
enum err session_show(struct req *);
enum err session_show_all(struct req *);
enum err session_end(struct req *);
enum err session_sign_out(struct req *);

/* The chore: removes what ended long ago, of devices and sign-ins too. */
void session_sweep(const struct service *, struct arena *);

#endif
