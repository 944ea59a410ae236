/*
 * gzip: decompression of gzip bodies (RFC 1952).
 *
 * Not:    compression: nginx compresses answers.
 * Limit:  set by the caller. Output past it ends the decompression.
 */
#ifndef IO7_LIB_BASE_GZIP_H
#define IO7_LIB_BASE_GZIP_H

#include "lib/base/err.h"
#include "lib/base/str.h"

/*
 * Decompresses all members of the body (RFC 1952, 2.2). E_TOO_LARGE: more than
 * max bytes, or no memory. E_BAD_REQUEST: not gzip, or truncated.
 */
enum err gzip_inflate(struct arena *, struct str in, size_t max,
    struct str *out) MUST_CHECK;

struct gzip;
/* For a body that is decompressed piece by piece. NULL without memory. */
struct gzip *gzip_open(struct arena *);

/*
 * Writes up to size bytes, n of them, and takes the input that it used off the
 * front of `in`. E_BAD_REQUEST: not gzip.
 */
enum err gzip_next(struct gzip *, struct str *in, void *to, size_t size,
    size_t *n) MUST_CHECK;

/* True at the end of a member: the body may end here. */
bool gzip_is_whole(const struct gzip *);

#endif
