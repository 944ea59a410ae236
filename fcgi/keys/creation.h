/*
 * creation: creates an API key for a request, within the limits of its account.
 */
#ifndef IO7_FCGI_KEYS_CREATION_H
#define IO7_FCGI_KEYS_CREATION_H

#include "fcgi/http/req.h"
#include "fcgi/identity/key.h"

/*
 * Creates it, reads its row and notes it in the audit log. The caller marks the
 * answer as secret.
 */
enum err key_create(struct req *, const struct key_wish *, struct key *,
    struct key_list_row **) MUST_CHECK;

#endif
