/*
 * base64: bytes as text (RFC 4648), in the URL-safe or the standard alphabet.
 *
 * Not:    lenient: except for the padding, bytes have exactly one text in an
 *         alphabet; every other text is refused.
 */
#ifndef IO7_LIB_BASE_BASE64_H
#define IO7_LIB_BASE_BASE64_H

#include "lib/base/str.h"

/* URL-safe. False for padding, blanks, non-zero spare bits, or without memory. */
bool base64_decode(struct arena *, struct str text, struct str *bytes)
    MUST_CHECK;
/* The same of the standard alphabet, with any padding. */
bool base64_decode_standard(struct arena *, struct str text, struct str *bytes)
    MUST_CHECK;
/* Without padding. */
void buf_base64(struct buf *, struct str bytes);
void buf_base64_standard(struct buf *, struct str bytes);

#endif
