/*
 * What the account room does by itself.
 */
#include "fcgi/account/signup.h"

static const struct chore chores[] = {
	{ "signup-resume", "completes signups that were cut off", 10 * NS_PER_S,
	    signup_resume },
};

const struct room account_room = {
	.name = "account",
	.chores = chores,
	.n_chores = ARRAY_LEN(chores),
};
