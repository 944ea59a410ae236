/*
 * glob: a pattern of keys, as a range of the index and what is left to match.
 *
 * Owns:   the patterns: `*` any text, `?` one character, `\` takes the next as
 *         it is.
 * Not:    the matching: that is PostgreSQL's LIKE.
 * Limit:  GLOB_MAX characters; a row of stars counts as one.
 */
#ifndef IO7_FCGI_KV_GLOB_H
#define IO7_FCGI_KV_GLOB_H

#include "lib/base/err.h"
#include "lib/base/str.h"

/* Every character of the longest key may have a backslash before it. */
enum { GLOB_MAX = 512 };

struct glob {
	struct str first, last; /* keys that fit lie between, these included */
	struct str like;
};

/* E_BAD_REQUEST with the problem; E_TOO_LARGE where there is no memory. */
enum err glob_read(struct arena *, struct str pattern, struct glob *,
    const char **problem) MUST_CHECK;

/* From here on only what comes behind that key; false where no memory is. */
bool glob_skip(struct arena *, struct glob *, struct str key) MUST_CHECK;

#endif
