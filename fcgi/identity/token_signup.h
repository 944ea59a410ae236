/*
 * token_signup: the user whom the first token of a person makes.
 *
 * Owns:   the row, by the token's issuer and subject, and its line of audit.
 * Not:    the rest of a signup: its steps stand in signup.
 * Limit:  never somebody who is here already: an e-mail proves nothing.
 */
#ifndef IO7_FCGI_IDENTITY_TOKEN_SIGNUP_H
#define IO7_FCGI_IDENTITY_TOKEN_SIGNUP_H

#include "fcgi/identity/credential.h"

/* Of several at once one makes the user, and OK is for all of them. */
enum err token_signup(struct req *, const struct credential *) MUST_CHECK;

#endif
