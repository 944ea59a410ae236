/*
 * glob: translates a pattern of keys into a range of the index and a LIKE
 * pattern.
 *
 * `*` stands for any text, `?` for one character, and `\` escapes the next one.
 *
 * Limit:  GLOB_MAX characters.
 */
#ifndef IO7_FCGI_KV_GLOB_H
#define IO7_FCGI_KV_GLOB_H

#include "lib/base/err.h"
#include "lib/base/str.h"

/* The longest key with a backslash before each character. */
enum { GLOB_MAX = 512 };

struct glob {
	struct str first, last; /* matching keys are in this range */
	struct str like;
	bool is_sparse; /* other keys may be in that range */
};

/* E_BAD_REQUEST with the problem; E_TOO_LARGE without memory. */
enum err glob_read(struct arena *, struct str pattern, struct glob *,
    const char **problem) MUST_CHECK;

/* Moves the start of the range after that key; false without memory. */
bool glob_skip(struct arena *, struct glob *, struct str key) MUST_CHECK;

#endif
