/*
 * base64: bytes as text, in the URL-safe alphabet without padding (RFC 4648).
 *
 * Not:    lenient: bytes have exactly one text; every other text is refused.
 */
#ifndef IO7_LIB_BASE_BASE64_H
#define IO7_LIB_BASE_BASE64_H

#include "lib/base/str.h"

/* False for padding, blanks, non-zero spare bits, or without memory. */
bool base64_decode(struct arena *, struct str text, struct str *bytes)
    MUST_CHECK;
void buf_base64(struct buf *, struct str bytes);

#endif
