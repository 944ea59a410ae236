/*
 * base64: bytes as text, in the alphabet of URLs and without padding.
 *
 * Owns:   nothing; bytes lie in the arena.
 * Not:    lenient: each row of bytes has one text, and every other is refused.
 * Limit:  the arena's.
 */
#ifndef IO7_LIB_BASE_BASE64_H
#define IO7_LIB_BASE_BASE64_H

#include "lib/base/str.h"

/* False for padding, blanks, bits left over, or where memory ran out. */
bool base64_decode(struct arena *, struct str text, struct str *bytes)
    MUST_CHECK;
void buf_base64(struct buf *, struct str bytes);

#endif
