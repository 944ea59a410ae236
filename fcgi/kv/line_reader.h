/*
 * line_reader: the lines of a body, a part of it at a time.
 *
 * Owns:   the part of the body that is at hand.
 * Not:    what the lines say.
 * Limit:  a line fits the window, or it is too long; a body in gzip unpacks to
 *         LINES_UNPACKED bytes at most.
 */
#ifndef IO7_FCGI_KV_LINE_READER_H
#define IO7_FCGI_KV_LINE_READER_H

#include "fcgi/http/req.h"

enum {
	LINE_ENVELOPE = 8 * 1024, /* of a line, besides its value */
	LINES_UNPACKED = 1 << 30,
};

struct gzip;

struct line_reader {
	struct req *req;
	char *room;
	size_t size, from, to; /* what was read and not yet taken */
	bool is_at_end;        /* of the body */
	uint64_t line;         /* the number of the line last taken */
	struct gzip *gzip;     /* NULL: the body is plain */
	struct str packed;     /* of it, read and not yet unpacked */
	char *packed_room;
	uint64_t unpacked;
};

enum err line_reader_open(struct line_reader *, struct req *) MUST_CHECK;

/*
 * Moves the window on; lines taken before are gone. Where it fails, *problem
 * says what is wrong with the next line, unless the body itself did not come.
 */
enum err line_reader_fill(struct line_reader *, const char **problem)
    MUST_CHECK;

/* The next whole line within it; false where there is none. */
bool line_reader_next(struct line_reader *, struct str *line);

#endif
