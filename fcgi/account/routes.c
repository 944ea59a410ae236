/*
 * What the account room does by itself.
 */
#include "fcgi/account/jwks.h"
#include "fcgi/account/signup.h"

static const struct chore chores[] = {
	{ "jwks", "fetches the public keys of the issuer of tokens",
	    200 * NS_PER_MS, jwks_keep },
	{ "signup-resume", "completes signups that were cut off", 10 * NS_PER_S,
	    signup_resume },
};

const struct room account_room = {
	.name = "account",
	.chores = chores,
	.n_chores = ARRAY_LEN(chores),
};
