/*
 * libfcgi parses the parameters. Their values come from the client and are
 * checked here.
 */
#include "fcgi/http/req.h"

#include "fcgi/options.h"
#include "lib/base/gzip.h"
#include "lib/os/clock.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <poll.h>

struct str
req_param(const struct req *r, const char *name)
{
	const char *value = FCGX_GetParam(name, r->io->envp);

	return (struct str){ value, value ? strlen(value) : 0 };
}

enum err
req_open(struct req *r)
{
	struct str uri = req_param(r, "REQUEST_URI");
	struct str length = req_param(r, "CONTENT_LENGTH");
	const char *mark = uri.n ? memchr(uri.p, '?', uri.n) : NULL;

	r->began_ns = clock_mono_ns();
	r->id = req_param(r, "REQUEST_ID");
	r->client = req_param(r, "REMOTE_ADDR");
	r->is_operator = str_eq(req_param(r, "IO7_OPERATOR"), STR("1"));
	r->method_name = req_param(r, "REQUEST_METHOD");
	r->method = method_of(r->method_name);
	r->path = uri;
	if (mark) {
		r->path.n = (size_t)(mark - uri.p);
		r->query = (struct str){ mark + 1, uri.n - r->path.n - 1 };
	}
	if (length.n && !str_to_u64(length, &r->content_length))
		return fail(r, E_BAD_REQUEST, "Content-Length: %.*s",
		    STR_ARGS(length));
	return OK;
}

enum err
req_find_route(struct req *r)
{
	enum err e =
	    route_find(r->mem, r->method, r->path, &r->route, r->params);

	if (e == E_NOT_FOUND && route_exceeds_parameter(r->mem, r->path))
		return fail_saying(r, e,
		    "No route has this path. Write a slash that belongs to a "
		    "key as %2F.");
	return e == OK ? OK : fail(r, e, NULL);
}

/* In a query, unlike in a path, a plus stands for a space. */
static bool
unquery(struct arena *mem, struct str in, struct str *out)
{
	char *plain;

	if (in.n && memchr(in.p, '+', in.n)) {
		plain = arena_copy(mem, in.p, in.n);
		if (!plain)
			return false;
		for (size_t i = 0; i < in.n; i++)
			if (plain[i] == '+')
				plain[i] = ' ';
		in.p = plain;
	}
	return str_unpercent(mem, in, out);
}

/* Like req_next_name(); *value is still encoded; without p if absent. */
static bool
next_pair(struct req *r, struct str *rest, struct str *name, struct str *value,
    enum err *e)
{
	struct str key;

	while (str_split(rest, '&', value)) {
		if (!value->n || !str_split(value, '=', &key))
			continue;
		if (unquery(r->mem, key, name))
			return true;
		*e = fail_field(r, E_BAD_REQUEST, "query",
		    "has a bad percent escape");
		return false;
	}
	return false;
}

bool
req_next_name(struct req *r, struct str *rest, struct str *name, enum err *e)
{
	struct str value;

	return next_pair(r, rest, name, &value, e);
}

static enum err
find_pair(struct req *r, struct str rest, const char *name, struct str *value)
{
	struct str found, encoded;
	enum err e = OK;

	*value = (struct str){ NULL, 0 };
	while (next_pair(r, &rest, &found, &encoded, &e)) {
		if (!str_eq(found, str_of(name)))
			continue;
		if (value->p)
			return fail_field(r, E_BAD_REQUEST, name,
			    "is given twice");
		if (!unquery(r->mem, encoded.p ? encoded : STR(""), value))
			return fail_field(r, E_BAD_REQUEST, name,
			    "has a bad percent escape");
	}
	return e;
}

enum err
req_query(struct req *r, const char *name, struct str *value)
{
	return find_pair(r, r->query, name, value);
}

enum err
req_form(struct req *r, const char *name, struct str *value)
{
	return find_pair(r, r->body, name, value);
}

struct str
req_media_type(const struct req *r)
{
	struct str type = req_param(r, "CONTENT_TYPE"), name;

	return str_split(&type, ';', &name) ? str_trim(name) : STR("");
}

static void
free_scratch(void *mem)
{
	arena_free(mem);
}

enum err
req_scratch(struct req *r, struct arena **mem)
{
	*mem = arena_new((size_t)r->service->opts->request_memory);
	if (*mem && arena_defer(r->mem, free_scratch, *mem))
		return OK;
	*mem = NULL;
	return fail(r, E_UNAVAILABLE, "no memory for a second arena");
}

/* The reason why the body is shorter than Content-Length. */
static enum err
body_missing(struct req *r)
{
	int e = FCGX_GetError(r->io->in);

	if (e == EAGAIN || e == EWOULDBLOCK)
		return fail(r, E_TIMEOUT, "the body was not received in time");
	return fail(r, E_BAD_REQUEST,
	    "Content-Length is %llu, but %llu bytes were received",
	    (unsigned long long)r->content_length,
	    (unsigned long long)r->body_read);
}

/* Only an attempt to read one byte more detects a body that is too long. */
static enum err
expect_end(struct req *r)
{
	char extra;

	if (FCGX_GetStr(&extra, 1, r->io->in) == 1)
		return fail(r, E_BAD_REQUEST,
		    "the body is longer than Content-Length");
	return FCGX_GetError(r->io->in) ? body_missing(r) : OK;
}

enum err
req_read_some(struct req *r, void *to, size_t max, size_t *n)
{
	uint64_t left = r->content_length - r->body_read;
	int got;

	*n = 0;
	if (left == 0)
		return expect_end(r);
	if (max > left)
		max = (size_t)left;
	if (max > INT_MAX)
		max = INT_MAX;
	got = FCGX_GetStr(to, (int)max, r->io->in);
	if (got <= 0)
		return body_missing(r);
	r->body_read += (uint64_t)got;
	*n = (size_t)got;
	return OK;
}

static enum err
take_body(struct req *r)
{
	size_t want = (size_t)r->content_length, got = 0, n;
	char *to;

	to = arena_alloc(r->mem, want + 1);
	if (!to)
		return fail(r, E_TOO_LARGE, "no memory for the body");
	do {
		enum err e = req_read_some(r, to + got, want - got, &n);

		if (e != OK)
			return e;
		got += n;
	} while (n);
	r->body = (struct str){ to, got };
	return OK;
}

enum err
req_coding(struct req *r, bool *is_gzip)
{
	struct str coding = req_param(r, "HTTP_CONTENT_ENCODING");

	*is_gzip = str_eq_nocase(coding, STR("gzip"));
	if (*is_gzip || !coding.n || str_eq_nocase(coding, STR("identity")))
		return OK;
	return fail_saying(r, E_UNSUPPORTED_MEDIA_TYPE,
	    "The only Content-Encoding that is supported is gzip.");
}

enum err
req_read_body(struct req *r, uint64_t max)
{
	bool is_gzip;
	enum err e = req_coding(r, &is_gzip);

	if (e != OK)
		return e;
	if (r->content_length > max)
		return fail(r, E_TOO_LARGE, NULL);
	e = take_body(r);
	if (e != OK || !is_gzip)
		return e;
	e = gzip_inflate(r->mem, r->body, (size_t)max, &r->body);
	if (e == E_BAD_REQUEST)
		return fail_saying(r, e, "The body is not valid gzip.");
	return e == OK ? OK : fail(r, e, "the inflated body");
}

bool
req_is_gone(const struct req *r)
{
	struct pollfd p = { .fd = r->io->ipcFd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0 &&
	    (p.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

enum req_woke
req_wait(const struct req *r, struct pollfd with, int64_t deadline_ns)
{
	struct pollfd p[] = {
		with,
		{ .fd = r->io->ipcFd, .events = POLLRDHUP },
	};

	while (poll(p, ARRAY_LEN(p), clock_ms_left(deadline_ns)) <= 0)
		if (clock_mono_ns() >= deadline_ns)
			return REQ_LATE;
	return p[0].revents ? REQ_READY : REQ_GONE;
}

enum err
fail(struct req *r, enum err e, const char *detail, ...)
{
	struct buf b;
	va_list args;

	r->fault = (struct req_fault){ .err = e };
	if (!detail)
		return e;
	buf_init(&b, r->mem);
	va_start(args, detail);
	buf_vprintf(&b, detail, args);
	va_end(args);
	r->fault.detail = buf_text(&b, detail);
	return e;
}

enum err
fail_field(struct req *r, enum err e, const char *field, const char *problem)
{
	r->fault =
	    (struct req_fault){ .err = e, .field = field, .problem = problem };
	return e;
}

enum err
fail_saying(struct req *r, enum err e, const char *sentence)
{
	r->fault = (struct req_fault){ .err = e, .sentence = sentence };
	return e;
}
