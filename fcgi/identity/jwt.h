/*
 * jwt: verifies a token of the configured issuer and reads its claims.
 *
 * Owns:   which claims are required, and their values.
 * Not:    signatures, which jose verifies; nor users, which principal looks up.
 * Limit:  our clock and the issuer's may differ by half a minute.
 */
#ifndef IO7_FCGI_IDENTITY_JWT_H
#define IO7_FCGI_IDENTITY_JWT_H

#include "fcgi/identity/credential.h"

/*
 * Fills in all of the credential but its mode. E_UNAUTHORIZED: the token is not
 * valid, or no issuer is configured. E_UNAVAILABLE: its key is unknown and the
 * key set cannot be fetched. The credential's issuer is set only if the
 * signature is good.
 */
enum err jwt_read(struct req *, struct str token, struct credential *)
    MUST_CHECK;

#endif
