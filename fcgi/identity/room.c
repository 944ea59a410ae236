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

static const struct room_limit limits[] = {
	{ LIMITS_ACCOUNTS, "Active keys", "account", KEYS_MAX, "keys",
	    .err = E_CONFLICT },
	{ LIMITS_ACCOUNTS, "Length of a label", "key", LABEL_MAX, "characters",
	    .err = E_BAD_REQUEST, .field = "label" },
	{ LIMITS_ACCOUNTS, "Retention of an expired or revoked key", "key",
	    KEY_DAYS * 86400, "seconds", .effect = "it is deleted" },
	{ LIMITS_ACCOUNTS, "Retention of the audit log", "account",
	    AUDIT_DAYS * 86400, "seconds",
	    .effect = "older entries are deleted" },
};

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
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
};
