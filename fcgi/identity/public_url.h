/*
 * public_url: the address of this site as its visitors see it.
 *
 * Owns:   the origin, and what counts as a path of it.
 * Not:    the routes.
 * Limit:  without IO7_PUBLIC_URL the origin is the request's Host header, of
 *         which only the syntax is checked.
 */
#ifndef IO7_FCGI_IDENTITY_PUBLIC_URL_H
#define IO7_FCGI_IDENTITY_PUBLIC_URL_H

#include "fcgi/http/req.h"

/* "https://host:port"; E_BAD_REQUEST if the Host header is missing or bad. */
enum err public_url_origin(struct req *, struct str *) MUST_CHECK;

/* True for a path of this site, with or without a query. */
bool public_url_has(struct str path);

/* The client's User-Agent, cut to 200 characters; or "". */
struct str public_url_visitor(const struct req *);

#endif
