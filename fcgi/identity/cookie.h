/*
 * cookie: the cookies of a browser, and the defence against forged requests.
 *
 * Owns:   the form of the cookies, and the CSRF token of a session.
 * Not:    their values: those are session's and sign_in's.
 * Limit:  all are __Host- cookies: HTTPS only, this host only, not readable by
 *         scripts, and not sent with forms of other sites.
 */
#ifndef IO7_FCGI_IDENTITY_COOKIE_H
#define IO7_FCGI_IDENTITY_COOKIE_H

#include "fcgi/http/req.h"
#include "lib/crypto/crypt.h"

#define COOKIE_SESSION "__Host-io7_session"
#define COOKIE_SIGN_IN "__Host-io7_sign_in"

enum { COOKIE_TOKEN = 2 * CRYPT_SHA256 };

/* The value of a cookie; p is NULL if there is none. */
struct str cookie_find(const struct req *, const char *name);

/* Sends a cookie with the answer; 0 seconds: removes it. */
void cookie_set(struct req *, const char *name, struct str value, int seconds);

/* The CSRF token of a session, in hex digits without a NUL. */
bool cookie_token(struct str session, char to[COOKIE_TOKEN]) MUST_CHECK;

/*
 * E_FORBIDDEN for a request that changes something, unless it comes from this
 * site and has the session's CSRF token.
 */
enum err cookie_guard(struct req *, struct str session) MUST_CHECK;

#endif
