/*
 * body: a request's JSON object, bound to a struct.
 *
 * Owns:   what the client is told of a body that is not as it should be.
 * Not:    values that are the user's own: those go to PostgreSQL as they are.
 * Limit:  as lib/bind.
 */
#ifndef IO7_FCGI_HTTP_BODY_H
#define IO7_FCGI_HTTP_BODY_H

#include "fcgi/http/req.h"
#include "lib/json/bind.h"

/* E_BAD_REQUEST with the field at fault. */
enum err body_bind(struct req *, const struct bind_field *, size_t n, void *to)
    MUST_CHECK;

#endif
