/*
 * github: who somebody is, as GitHub has it.
 *
 * Owns:   the protocol: the address to send a browser to, and what is asked
 *         of GitHub when it comes back.
 * Not:    accounts: sign_in makes them.
 * Limit:  IO7_GITHUB_TIMEOUT for all questions together; GitHub's token lives
 *         as long as the request, and is in no log and no database.
 */
#ifndef IO7_FCGI_SIGNIN_GITHUB_H
#define IO7_FCGI_SIGNIN_GITHUB_H

#include "fcgi/http/req.h"

struct github_person {
	int64_t id;
	struct str name, email, avatar_url; /* avatar_url: perhaps without p */
};

/* E_UNAVAILABLE, and the option's name, where one is missing. */
enum err github_is_ready(struct req *) MUST_CHECK;

/*
 * Where a browser asks for consent; verifier is PKCE's secret, and GitHub sends
 * the browser back to `back`.
 */
enum err github_consent(struct req *, struct str back, struct str state,
    struct str verifier, struct str *url) MUST_CHECK;

/*
 * Who has consented. E_BAD_REQUEST: the code is not good, or there is no
 * verified address; E_BAD_GATEWAY, E_TIMEOUT: GitHub failed. Each with its own
 * public sentence.
 */
enum err github_person(struct req *, struct str back, struct str code,
    struct str verifier, struct github_person *) MUST_CHECK;

#endif
