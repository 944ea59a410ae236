/*
 * import_line: parses one line of an import.
 *
 * Not:    storing it: see import.c.
 */
#ifndef IO7_FCGI_KV_IMPORT_LINE_H
#define IO7_FCGI_KV_IMPORT_LINE_H

#include "lib/base/err.h"
#include "lib/base/str.h"

struct import_line {
	bool is_end; /* the last line of an export: nothing to store */
	struct str key, value;
	int64_t expires_us; /* 0: never */
};

/* E_BAD_REQUEST or E_TOO_LARGE with the problem. */
enum err import_line_parse(struct arena *, struct str text, uint64_t body_max,
    struct import_line *, const char **problem) MUST_CHECK;

#endif
