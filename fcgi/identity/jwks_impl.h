/*
 * jwks_impl: the file by which the janitor passes the key set to the workers.
 *
 * Owns:   its format, and how long it is fresh.
 * Not:    for use outside jwks*.c.
 */
#ifndef IO7_FCGI_IDENTITY_JWKS_IMPL_H
#define IO7_FCGI_IDENTITY_JWKS_IMPL_H

#include "fcgi/identity/jwks.h"
#include "fcgi/identity/options.h"
#include "lib/json/json.h"

enum { JWKS_TEXT_MAX = JSON_TREE_TEXT, JWKS_PATH = 256 };

#define JWKS_AGE_US   (600 * US_PER_S)
#define JWKS_PAUSE_US (60 * US_PER_S)

struct jwks {
	struct jwks_times at;
	struct str text; /* the last good set; empty: none */
};

/* True if the options name a key set. */
bool jwks_is_wanted(const struct conf *);

/* RUN_DIR/jwks with `rest` appended. */
void jwks_path(const struct conf *, const char *rest, char to[JWKS_PATH]);

/* The file's contents; all zero if there is none, or one of another URL. */
struct jwks jwks_read(const struct conf *, struct arena *);
/* Replaces the file atomically; false with errno. */
bool jwks_write(const struct conf *, struct arena *, const struct jwks *)
    MUST_CHECK;

/* True if the last attempt was less than a minute ago. */
bool jwks_is_fresh(struct jwks_times);

#endif
