/*
 * gzip: a body out of its gzip (RFC 1952).
 *
 * Owns:   nothing; what comes out lives in the arena.
 * Not:    compressing: nginx does that with what is sent.
 * Limit:  the caller's: what would be longer is given up on the way; of a
 *         stream, what the caller has room for at once.
 */
#ifndef IO7_LIB_BASE_GZIP_H
#define IO7_LIB_BASE_GZIP_H

#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * All members of the body, one after the other (RFC 1952, 2.2). E_TOO_LARGE:
 * over max bytes, or no memory; E_BAD_REQUEST: not gzip, or cut short.
 */
enum err gzip_inflate(struct arena *, struct str in, size_t max,
    struct str *out) MUST_CHECK;

/* The same of a body that is never held whole; NULL: no memory. */
struct gzip;
struct gzip *gzip_open(struct arena *);

/*
 * Puts the next bytes into the room, n of them, and takes what it needed off
 * the front of `in`. E_BAD_REQUEST: not gzip.
 */
enum err gzip_next(struct gzip *, struct str *in, void *to, size_t room,
    size_t *n) MUST_CHECK;

/* Nothing is missing at its end. */
bool gzip_is_whole(const struct gzip *);

#endif
