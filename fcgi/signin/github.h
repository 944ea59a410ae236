/*
 * github: identifies a user with GitHub's OAuth.
 *
 * Owns:   the protocol: the address to redirect to, and the requests to GitHub
 *         after the browser is back.
 * Not:    accounts: sign_in creates them.
 * Limit:  IO7_GITHUB_TIMEOUT for all requests together. GitHub's token is kept
 *         for the request only, and never logged or stored.
 */
#ifndef IO7_FCGI_SIGNIN_GITHUB_H
#define IO7_FCGI_SIGNIN_GITHUB_H

#include "fcgi/http/req.h"

struct github_person {
	int64_t id;
	struct str name, email, avatar_url; /* avatar_url may be without p */
};

/* E_UNAVAILABLE, with the option's name, if one is missing. */
enum err github_is_ready(struct req *) MUST_CHECK;

/*
 * The address where the browser asks for consent. `back` is the address that
 * GitHub redirects it to, `verifier` the secret of PKCE.
 */
enum err github_consent(struct req *, struct str back, struct str state,
    struct str verifier, struct str *url) MUST_CHECK;

/*
 * The user who consented. E_BAD_REQUEST: the code is invalid, or there is no
 * verified e-mail address. E_BAD_GATEWAY, E_TIMEOUT: GitHub failed. Each has
 * its own public sentence.
 */
enum err github_person(struct req *, struct str back, struct str code,
    struct str verifier, struct github_person *) MUST_CHECK;

#endif
