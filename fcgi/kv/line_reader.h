/*
 * line_reader: reads the body of a request line by line.
 *
 * Owns:   a buffer that holds a part of the body, inflated.
 * Limit:  a line must fit the buffer; a compressed body may inflate to
 *         LINES_INFLATED bytes.
 */
#ifndef IO7_FCGI_KV_LINE_READER_H
#define IO7_FCGI_KV_LINE_READER_H

#include "fcgi/http/req.h"

enum {
	LINE_ENVELOPE = 8 * 1024, /* bytes of a line besides its value */
	LINES_INFLATED = 1 << 30,
};

struct gzip;

struct line_reader {
	struct req *req;
	char *buffer;
	size_t size, from, to; /* the unread part of the buffer */
	bool is_at_end;        /* of the body */
	uint64_t line;         /* number of the last line read */
	struct gzip *gzip;     /* NULL: not compressed */
	struct str input;      /* compressed input that is not yet inflated */
	char *input_buffer;
	uint64_t inflated;
};

enum err line_reader_open(struct line_reader *, struct req *) MUST_CHECK;

/*
 * Reads the next part of the body; lines from before become invalid. On failure
 * *problem is what is wrong with the next line, or NULL if the body could not
 * be received.
 */
enum err line_reader_fill(struct line_reader *, const char **problem)
    MUST_CHECK;

/* The next line; false if the buffer has no further whole line. */
bool line_reader_next(struct line_reader *, struct str *line);

#endif
