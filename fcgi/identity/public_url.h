/*
 * public_url: where this site is, as who visits it sees it.
 *
 * Owns:   the origin, and which paths are its own.
 * Not:    the routes.
 * Limit:  without IO7_PUBLIC_URL the client says which host it asks, and only
 *         the form of that is checked.
 */
#ifndef IO7_FCGI_IDENTITY_PUBLIC_URL_H
#define IO7_FCGI_IDENTITY_PUBLIC_URL_H

#include "fcgi/http/req.h"

/* "https://host:port"; E_BAD_REQUEST where the request names no host. */
enum err public_url_origin(struct req *, struct str *) MUST_CHECK;

/* A path of this site, with or without a query, and of no other. */
bool public_url_has(struct str path);

/* What the client says of itself, in 200 characters at most; or "". */
struct str public_url_visitor(const struct req *);

#endif
