/*
 * session: one that is open, as its user sees it.
 *
 * Owns:   nothing.
 * Not:    opening and ending it: that is the business of signin.
 * Limit:  none.
 */
#ifndef IO7_FCGI_IDENTITY_SESSION_H
#define IO7_FCGI_IDENTITY_SESSION_H

#include "fcgi/identity/principal.h"

struct session_list_row;

/* As a JSON object; `current` is whether it is the caller's own. */
void session_json(struct buf *, const struct session_list_row *,
    const struct principal *);

#endif
