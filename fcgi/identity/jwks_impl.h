/*
 * jwks_impl: the file through which the janitor hands on the set of keys.
 *
 * Owns:   its form, and when what it says is out of date.
 * Not:    for anybody but the two sides of it.
 * Limit:  a file of another URL is none.
 */
#ifndef IO7_FCGI_IDENTITY_JWKS_IMPL_H
#define IO7_FCGI_IDENTITY_JWKS_IMPL_H

#include "fcgi/identity/jwks.h"
#include "fcgi/identity/options.h"

enum { JWKS_TEXT_MAX = JSON_TREE_TEXT, JWKS_PATH = 256 };

#define JWKS_AGE_US   (600 * US_PER_S)
#define JWKS_PAUSE_US (60 * US_PER_S)

struct jwks {
	struct jwks_times at;
	struct str text; /* of the last good set; empty: none */
};

/* Whether tokens by a set of keys are accepted at all. */
bool jwks_is_wanted(const struct conf *);

/* RUN_DIR/jwks and what follows in the name. */
void jwks_path(const struct conf *, const char *rest, char to[JWKS_PATH]);

/* What lies there; all zero where nothing does that is ours. */
struct jwks jwks_read(const struct conf *, struct arena *);
/* In its place, whole or not at all; false with errno. */
bool jwks_write(const struct conf *, struct arena *, const struct jwks *)
    MUST_CHECK;

/* Whether the last try is less than a minute old. */
bool jwks_is_fresh(struct jwks_times);

#endif
