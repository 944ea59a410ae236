/*
 * options: the options of tokens (JWT) and of this site's own address.
 *
 * Secrets are never printed.
 */
#ifndef IO7_FCGI_IDENTITY_OPTIONS_H
#define IO7_FCGI_IDENTITY_OPTIONS_H

#include "fcgi/options.h"

struct identity_options {
	const char *jwt_issuer, *jwt_audience, *jwt_jwks_url, *jwt_secret;
	const char *public_url;
};

extern const struct conf_slice identity_options;

#endif
