/*
 * jwt: what a token of another issuer says, where it is to be believed.
 *
 * Owns:   which claims are needed, and what they must say.
 * Not:    signatures: jose checks them; nor users: caller finds or makes them.
 * Limit:  half a minute between our clock and the issuer's is forgiven.
 */
#ifndef IO7_FCGI_IDENTITY_JWT_H
#define IO7_FCGI_IDENTITY_JWT_H

#include "fcgi/identity/credential.h"

/*
 * Verifies the token, at each call, and fills in what a credential has of one,
 * but for its mode. E_UNAUTHORIZED for every token that is not good, and where
 * none is accepted; E_UNAVAILABLE where its key may be one that we cannot get.
 * One that the issuer did sign is known by the credential's issuer.
 */
enum err jwt_read(struct req *, struct str token, struct credential *)
    MUST_CHECK;

#endif
