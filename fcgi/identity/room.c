/*
 * The room identity: its options, and the chores of credentials and signups.
 */
#include "fcgi/room.h"

#include "fcgi/identity/audit.h"
#include "fcgi/identity/credential_change.h"
#include "fcgi/identity/jwks.h"
#include "fcgi/identity/key.h"
#include "fcgi/identity/options.h"
#include "fcgi/identity/signup.h"

static const struct chore chores[] = {
	{ "jwks", .about = "fetches the public keys of the token issuer",
	    .every_ns = NS_PER_S, .run = jwks_keep, .urgent = true },
	{ "epochs",
	    .about =
		"publishes changes of credentials that did not reach Redis",
	    .every_ns = NS_PER_S, .run = credential_change_resume },
	{ "signup-resume", .about = "completes interrupted signups",
	    .every_ns = 10 * NS_PER_S, .run = signup_resume },
	{ "key-sweep",
	    .about = "deletes keys 90 days after they expired or were revoked",
	    .every_ns = 600 * NS_PER_S, .run = key_sweep },
	{ "audit-trim", .about = "deletes old entries of the audit log",
	    .every_ns = 10 * NS_PER_S, .run = audit_trim },
};

const struct room identity_room = {
	.name = "identity",
	.options = &identity_options,
	.chores = { ROWS(chores) },
};
