/*
 * gzip: a body out of its gzip (RFC 1952).
 *
 * Owns:   nothing; what comes out lives in the arena.
 * Not:    compressing: nginx does that with what is sent.
 * Limit:  the caller's: what would be longer is given up on the way.
 */
#ifndef IO7_LIB_GZIP_H
#define IO7_LIB_GZIP_H

#include "lib/err.h"
#include "lib/str.h"

/*
 * E_TOO_LARGE: over max bytes, or no memory; E_BAD_REQUEST: not gzip, cut
 * short, or followed by something.
 */
enum err gzip_inflate(struct arena *, struct str in, size_t max,
    struct str *out) MUST_CHECK;

#endif
