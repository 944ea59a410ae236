/*
 * The options of identity.
 */
#include "fcgi/identity/options.h"

#include "lib/crypto/jose.h"
#include "lib/net/fetch.h"

/* Scheme, host and perhaps port: the header Origin is compared with it. */
static const char *
check_origin(const char *text)
{
	const char *host = strstr(text, "://");

	if (text[0] == '\0')
		return NULL;
	return fetch_url_problem(text) || !host || strpbrk(host + 3, "/@#")
	    ? "must be http:// or https://, a host and perhaps a port"
	    : NULL;
}

/* The table of users has "io7" as the issuer of users made by an operator. */
static const char *
check_issuer(const char *text)
{
	return strcmp(text, "io7") == 0
	    ? "io7 is reserved for users that an operator created"
	    : NULL;
}

/* As many bytes as the digest has: RFC 7518, 3.2. */
static const char *
check_secret(const char *secret)
{
	return secret[0] == '\0' || strlen(secret) >= JOSE_SECRET_MIN
	    ? NULL
	    : "the secret must have at least 32 bytes";
}

#define AT(field) .offset = offsetof(struct identity_options, field)

static const struct conf_option rows[] = {
	{ "IO7_JWT_ISSUER", CONF_TEXT, "",
	    "Issuer (iss) of the tokens (JWT) that are accepted; empty: no"
	    " token is accepted.",
	    AT(jwt_issuer), .max = 1000, .check = check_issuer },
	{ "IO7_JWT_AUDIENCE", CONF_TEXT, "authenticated",
	    "Audience (aud) that a token must name.", AT(jwt_audience),
	    .min = 1, .max = 1000 },
	{ "IO7_JWT_JWKS_URL", CONF_TEXT, "",
	    "URL of the issuer's public keys, for RS256, ES256 and EdDSA.",
	    AT(jwt_jwks_url), .max = 1000, .check = options_url_problem },
	{ "IO7_JWT_SECRET_FILE", CONF_SECRET_FILE, "",
	    "File with the secret for HS256, at least 32 bytes; empty: HS256"
	    " is refused.",
	    AT(jwt_secret), .check = check_secret },
	{ "IO7_PUBLIC_URL", CONF_TEXT, "",
	    "Public address of this site, such as https://api.example.com;"
	    " empty: taken from the request.",
	    AT(public_url), .max = 200, .check = check_origin },
};

const struct conf_slice identity_options =
    CONF_SLICE(rows, struct identity_options);
