/*
 * options: the options of signing in with GitHub.
 *
 * Without a client id, signing in with GitHub is disabled.
 */
#ifndef IO7_FCGI_SIGNIN_OPTIONS_H
#define IO7_FCGI_SIGNIN_OPTIONS_H

#include "fcgi/options.h"

struct signin_options {
	const char *github_client_id, *github_client_secret;
	const char *github_url, *github_api;
	int64_t github_timeout;
};

extern const struct conf_slice signin_options;

#endif
