/*
 * The buffer is as long as the longest line that is allowed. It is filled, its
 * lines are read, and the rest of the last one is moved to its front.
 */
#include "fcgi/kv/line_reader.h"

#include "fcgi/kv/kv.h"
#include "fcgi/options.h"
#include "lib/base/gzip.h"

enum { INPUT = 64 * 1024 };

static enum err
open_gzip(struct line_reader *lr)
{
	struct arena *mem = lr->req->mem;

	lr->input_buffer = arena_alloc(mem, INPUT);
	lr->gzip = gzip_open(mem);
	return lr->input_buffer && lr->gzip
	    ? OK
	    : fail(lr->req, E_TOO_LARGE, "no memory to inflate a body");
}

enum err
line_reader_open(struct line_reader *lr, struct req *r)
{
	bool is_gzip;
	enum err e = req_coding(r, &is_gzip);

	if (e != OK)
		return e;
	*lr = (struct line_reader){
		.req = r,
		.size = (size_t)kv_row_max(r->service->opts->body_max) +
		    LINE_ENVELOPE,
	};
	lr->buffer = arena_alloc(r->mem, lr->size);
	if (!lr->buffer)
		return fail(r, E_TOO_LARGE, "no memory for lines");
	return is_gzip ? open_gzip(lr) : OK;
}

/* *more is false at the end of the body. */
static enum err
read_input(struct line_reader *lr, bool *more)
{
	size_t n = lr->input.n;
	enum err e = OK;

	if (!n) {
		e = req_read_some(lr->req, lr->input_buffer, INPUT, &n);
		lr->input = (struct str){ lr->input_buffer, n };
	}
	*more = n != 0;
	return e;
}

/* Inflates to the free part of the buffer; no bytes at the end of the body. */
static enum err
inflate_some(struct line_reader *lr, size_t *n, const char **problem)
{
	enum err e = OK;
	bool more = true;

	for (*n = 0; *n == 0 && e == OK && more;) {
		e = read_input(lr, &more);
		if (e != OK)
			return e;
		e = gzip_next(lr->gzip, &lr->input, lr->buffer + lr->to,
		    lr->size - lr->to, n);
	}
	lr->inflated += *n;
	if (e != OK || (!*n && !gzip_is_whole(lr->gzip))) {
		*problem = "cannot be inflated: the body is not valid gzip";
		return E_BAD_REQUEST;
	}
	if (lr->inflated > LINES_INFLATED) {
		*problem = "is after the first GiB of the inflated body";
		return E_TOO_LARGE;
	}
	return OK;
}

static enum err
read_some(struct line_reader *lr, size_t *n, const char **problem)
{
	if (lr->gzip)
		return inflate_some(lr, n, problem);
	return req_read_some(lr->req, lr->buffer + lr->to, lr->size - lr->to,
	    n);
}

enum err
line_reader_fill(struct line_reader *lr, const char **problem)
{
	size_t rest = lr->to - lr->from, n;

	*problem = NULL;
	memmove(lr->buffer, lr->buffer + lr->from, rest);
	lr->from = 0;
	lr->to = rest;
	while (lr->to < lr->size && !lr->is_at_end) {
		enum err e = read_some(lr, &n, problem);

		if (e != OK)
			return e;
		lr->to += n;
		lr->is_at_end = n == 0;
	}
	if (lr->is_at_end || memchr(lr->buffer, '\n', lr->to))
		return OK;
	*problem = "is too long";
	return E_TOO_LARGE;
}

bool
line_reader_next(struct line_reader *lr, struct str *line)
{
	const char *at = lr->buffer + lr->from;
	size_t left = lr->to - lr->from;
	const char *end = left ? memchr(at, '\n', left) : NULL;

	if (!end && (!left || !lr->is_at_end))
		return false;
	*line = (struct str){ at, end ? (size_t)(end - at) : left };
	lr->from += line->n + (end != NULL);
	lr->line++;
	return true;
}
