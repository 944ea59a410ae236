/*
 * body: binds the JSON object in a request's body to a struct.
 *
 * Not:    JSON values that users store: those go to PostgreSQL unchanged.
 */
#ifndef IO7_FCGI_HTTP_BODY_H
#define IO7_FCGI_HTTP_BODY_H

#include "fcgi/http/req.h"
#include "lib/json/bind.h"

/* E_BAD_REQUEST with the field at fault, E_TOO_LARGE without memory. */
enum err body_bind(struct req *, const struct bind_field *, size_t n, void *to)
    MUST_CHECK;

#endif
