/*
 * token_signup: the first token of an issuer and subject creates a user.
 *
 * Owns:   the user's row and its line of the audit log.
 * Not:    the other steps of a signup: see signup.
 * Limit:  accounts are never matched by e-mail.
 */
#ifndef IO7_FCGI_IDENTITY_TOKEN_SIGNUP_H
#define IO7_FCGI_IDENTITY_TOKEN_SIGNUP_H

#include "fcgi/identity/credential.h"

/* If several run at once, one creates the user and all return OK. */
enum err token_signup(struct req *, const struct credential *) MUST_CHECK;

#endif
