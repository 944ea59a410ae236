/*
 * The window is as long as the longest line and some: it is filled, its lines
 * are taken, and what is left of the last one moves to its front.
 */
#include "fcgi/kv/line_reader.h"

#include "fcgi/kv/kv.h"
#include "lib/base/gzip.h"

enum { PACKED = 64 * 1024 };

static enum err
open_gzip(struct line_reader *w)
{
	struct arena *mem = w->req->mem;

	w->packed_room = arena_alloc(mem, PACKED);
	w->gzip = gzip_open(mem);
	return w->packed_room && w->gzip
	    ? OK
	    : fail(w->req, E_TOO_LARGE, "no memory to unpack a body");
}

enum err
line_reader_open(struct line_reader *w, struct req *r)
{
	bool is_gzip;
	enum err e = req_coding(r, &is_gzip);

	if (e != OK)
		return e;
	*w = (struct line_reader){
		.req = r,
		.size = (size_t)kv_row_max(r->service->opts->body_max) +
		    LINE_ENVELOPE,
	};
	w->room = arena_alloc(r->mem, w->size);
	if (!w->room)
		return fail(r, E_TOO_LARGE, "no memory for lines");
	return is_gzip ? open_gzip(w) : OK;
}

/* False at the end of the body. */
static enum err
read_packed(struct line_reader *w, bool *more)
{
	size_t n = w->packed.n;
	enum err e = OK;

	if (!n) {
		e = req_read_some(w->req, w->packed_room, PACKED, &n);
		w->packed = (struct str){ w->packed_room, n };
	}
	*more = n != 0;
	return e;
}

/* Some bytes to where the window is free; none at the end of the body. */
static enum err
unpack(struct line_reader *w, size_t *n, const char **problem)
{
	enum err e = OK;
	bool more = true;

	for (*n = 0; *n == 0 && e == OK && more;) {
		e = read_packed(w, &more);
		if (e != OK)
			return e;
		e = gzip_next(w->gzip, &w->packed, w->room + w->to,
		    w->size - w->to, n);
	}
	w->unpacked += *n;
	if (e != OK || (!*n && !gzip_is_whole(w->gzip))) {
		*problem = "cannot be unpacked: the body is not gzip";
		return E_BAD_REQUEST;
	}
	if (w->unpacked > LINES_UNPACKED) {
		*problem = "is behind the first GiB that the body unpacks to";
		return E_TOO_LARGE;
	}
	return OK;
}

static enum err
read_some(struct line_reader *w, size_t *n, const char **problem)
{
	if (w->gzip)
		return unpack(w, n, problem);
	return req_read_some(w->req, w->room + w->to, w->size - w->to, n);
}

enum err
line_reader_fill(struct line_reader *w, const char **problem)
{
	size_t rest = w->to - w->from, n;

	*problem = NULL;
	memmove(w->room, w->room + w->from, rest);
	w->from = 0;
	w->to = rest;
	while (w->to < w->size && !w->is_at_end) {
		enum err e = read_some(w, &n, problem);

		if (e != OK)
			return e;
		w->to += n;
		w->is_at_end = n == 0;
	}
	if (w->is_at_end || memchr(w->room, '\n', w->to))
		return OK;
	*problem = "is longer than a value may be";
	return E_TOO_LARGE;
}

bool
line_reader_next(struct line_reader *w, struct str *line)
{
	const char *at = w->room + w->from;
	size_t left = w->to - w->from;
	const char *end = left ? memchr(at, '\n', left) : NULL;

	if (!end && (!left || !w->is_at_end))
		return false;
	*line = (struct str){ at, end ? (size_t)(end - at) : left };
	w->from += line->n + (end != NULL);
	w->line++;
	return true;
}
