/*
 * import_line: what a line of an import says.
 *
 * Owns:   the form of a line.
 * Not:    what becomes of it.
 * Limit:  those of a key and of a value.
 */
#ifndef IO7_FCGI_KV_IMPORT_LINE_H
#define IO7_FCGI_KV_IMPORT_LINE_H

#include "lib/base/err.h"
#include "lib/base/str.h"

struct import_line {
	bool
	    is_end; /* of an export that says where it ends: nothing to store */
	struct str key, value;
	int64_t expires_us; /* 0: never */
};

/* What a line says; E_BAD_REQUEST or E_TOO_LARGE with what is wrong. */
enum err import_line_parse(struct arena *, struct str text, uint64_t body_max,
    struct import_line *, const char **problem) MUST_CHECK;

#endif
