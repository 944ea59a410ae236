/*
 * What identity contributes to the program: the chores of credentials and of
 * signups.
 */
#include "fcgi/room.h"

#include "fcgi/identity/audit.h"
#include "fcgi/identity/credential_change.h"
#include "fcgi/identity/jwks.h"
#include "fcgi/identity/key.h"
#include "fcgi/identity/options.h"
#include "fcgi/identity/signup.h"

static const struct chore chores[] = {
	{ "jwks", "fetches the public keys of the issuer of tokens", NS_PER_S,
	    jwks_keep },
	{ "epochs", "tells Redis once more which credentials changed", NS_PER_S,
	    credential_change_resume },
	{ "signup-resume", "completes signups that were cut off", 10 * NS_PER_S,
	    signup_resume },
	{ "key-sweep", "removes keys that were over three months ago",
	    600 * NS_PER_S, key_sweep },
	{ "audit-trim", "forgets what happened long ago", 10 * NS_PER_S,
	    audit_trim },
};

const struct room identity_room = {
	.name = "identity",
	.options = &identity_options,
	.chores = { ROWS(chores), .urgent = 1 },
};
