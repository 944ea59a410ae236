/*
 * The options of signing in.
 */
#include "fcgi/signin/options.h"

#include "lib/net/fetch.h"

#define AT(field) .offset = offsetof(struct signin_options, field)

static const struct conf_option rows[] = {
	{ "IO7_GITHUB_CLIENT_ID", CONF_TEXT, "",
	    "Client id of the OAuth app at GitHub; empty: signing in with"
	    " GitHub is disabled. The app's callback is /auth/github/callback"
	    " of this site.",
	    AT(github_client_id), .max = 200 },
	{ "IO7_GITHUB_CLIENT_SECRET_FILE", CONF_SECRET_FILE, "",
	    "File with the client secret of the OAuth app.",
	    AT(github_client_secret) },
	{ "IO7_GITHUB_URL", CONF_TEXT, "https://github.com",
	    "Address of GitHub, or of a GitHub Enterprise server.",
	    AT(github_url), .min = 1, .max = 500, .check = fetch_url_problem },
	{ "IO7_GITHUB_API", CONF_TEXT, "https://api.github.com",
	    "Address of GitHub's API, or of that of a GitHub Enterprise"
	    " server.",
	    AT(github_api), .min = 1, .max = 500, .check = fetch_url_problem },
	{ "IO7_GITHUB_TIMEOUT", CONF_DURATION, "10s",
	    "Maximum time of all requests to GitHub during one sign-in.",
	    AT(github_timeout), .min = 100 * NS_PER_MS, .max = 60 * NS_PER_S },
};

const struct conf_slice signin_options =
    CONF_SLICE(rows, struct signin_options);
