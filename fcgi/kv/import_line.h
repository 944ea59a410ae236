/*
 * import_line: the lines of an import, one after the other.
 *
 * Owns:   the window of the body in which they stand.
 * Not:    what becomes of them.
 * Limit:  a window's length for a line; of the body it never holds more.
 */
#ifndef IO7_FCGI_KV_IMPORT_LINE_H
#define IO7_FCGI_KV_IMPORT_LINE_H

#include "fcgi/http/req.h"
#include "lib/stmt.h"

/* What an envelope of a value may take besides it. */
enum { IMPORT_ENVELOPE = 8 * 1024 };

struct import_window {
	struct req *req;
	char *room;
	size_t size, from, to; /* what was read and not yet taken */
	bool is_at_end;        /* of the body */
	uint64_t line;         /* the number of the line last taken */
};

enum err import_open(struct import_window *, struct req *) MUST_CHECK;

/*
 * Moves the window on. Lines taken before are gone; E_TOO_LARGE where not even
 * one fits.
 */
enum err import_read(struct import_window *) MUST_CHECK;

/* The next whole line within it; false where there is none. */
bool import_next(struct import_window *, struct str *line);

struct import_line {
	bool
	    is_end; /* of an export that says where it ends: nothing to store */
	struct str key, value;
	int64_t expires_us; /* 0: never */
};

/* What a line says; E_BAD_REQUEST or E_TOO_LARGE with what is wrong. */
enum err import_parse(struct arena *, struct str text, uint64_t body_max,
    struct import_line *, const char **problem) MUST_CHECK;

#endif
