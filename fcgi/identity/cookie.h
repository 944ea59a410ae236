/*
 * cookie: what a browser keeps for us, and what it takes to believe it.
 *
 * Owns:   the form of our cookies, and the token that goes with a session's.
 * Not:    what they say: that is session's and sign_in's.
 * Limit:  all are __Host- cookies: over HTTPS, for this host, out of reach of
 *         scripts, and not sent along by other sites' forms.
 */
#ifndef IO7_FCGI_IDENTITY_COOKIE_H
#define IO7_FCGI_IDENTITY_COOKIE_H

#include "fcgi/http/req.h"
#include "lib/crypto/crypt.h"

#define COOKIE_SESSION "__Host-io7_session"
#define COOKIE_SIGN_IN "__Host-io7_sign_in"

enum { COOKIE_TOKEN = 2 * CRYPT_SHA256 };

/* The value; p is NULL where there is none. */
struct str cookie_find(const struct req *, const char *name);

/* The answer brings the cookie; 0 seconds: takes it away. */
void cookie_set(struct req *, const char *name, struct str value, int seconds);

/* The token against forgery of a session, in hex digits without a NUL. */
bool cookie_token(struct str session, char to[COOKIE_TOKEN]) MUST_CHECK;

/*
 * E_FORBIDDEN for a request that changes something, unless it comes from a page
 * of this site that knows the session's token.
 */
enum err cookie_guard(struct req *, struct str session) MUST_CHECK;

#endif
