/*
 * Error bodies are made here only, from the errors table. Messages of a
 * database or a library are logged and never sent.
 */
#include "fcgi/http/resp.h"

#include "fcgi/http/err_row.h"
#include "fcgi/options.h"

#include <fcgiapp.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Bytes of an answer that fit any socket buffer. */
enum { SHORT_MAX = 64 << 10 };

static const char json_type[] = "application/json; charset=utf-8";

/* nginx passes the reason phrase on to the client. */
static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} rows[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 302, "Found" },
		{ 303, "See Other" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 421, "Misdirected Request" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].phrase;
	return "";
}

struct buf *
resp_body(struct req *r, int status)
{
	r->answer.status = status;
	r->answer.type = json_type;
	buf_init(&r->answer.body, r->mem);
	return &r->answer.body;
}

void
resp_empty(struct req *r, int status)
{
	resp_body(r, status);
	r->answer.type = NULL;
}

/* Drops a value with a line break, which would begin another header. */
static void
add_header(struct buf *b, struct arena *mem, const char *name,
    const char *value)
{
	if (!b->mem)
		buf_init(b, mem);
	if (strpbrk(value, "\r\n"))
		return;
	buf_puts(b, name);
	buf_puts(b, ": ");
	buf_puts(b, value);
	buf_puts(b, "\r\n");
}

void
resp_header(struct req *r, const char *name, const char *value)
{
	add_header(&r->answer.head, r->mem, name, value);
}

/* Removes the line of that name, if there is one. */
static void
drop_header(struct buf *b, const char *name)
{
	struct str rest = buf_view(b), line;
	size_t n = strlen(name);

	while (str_split(&rest, '\n', &line)) {
		if (line.n <= n || line.p[n] != ':' ||
		    memcmp(line.p, name, n) != 0)
			continue;
		memmove(b->p + (line.p - b->p), rest.p, rest.n);
		b->n -= line.n + 1;
		return;
	}
}

void
resp_keep(struct req *r, const char *name, const char *value)
{
	drop_header(&r->answer.kept, name);
	add_header(&r->answer.kept, r->mem, name, value);
}

static const char *
sentence_of(const struct req *r, enum err e)
{
	return r->fault.sentence ? r->fault.sentence : err_row(e)->sentence;
}

void
resp_error(struct buf *b, const struct req *r, enum err e)
{
	const struct err_row *row = err_row(e);

	buf_puts(b, "{\"code\":");
	buf_json(b, str_of(err_code(e)));
	buf_puts(b, ",\"message\":");
	buf_json(b, str_of(sentence_of(r, e)));
	buf_printf(b, ",\"status\":%d,\"request_id\":", row->status);
	buf_json(b, r->id);
	if (r->fault.field) {
		buf_puts(b, ",\"details\":{\"field\":");
		buf_json(b, str_of(r->fault.field));
		buf_puts(b, ",\"problem\":");
		buf_json(b, str_of(r->fault.problem));
		buf_putc(b, '}');
	}
	buf_putc(b, '}');
}

static void
error_body(struct buf *b, const struct req *r, enum err e)
{
	buf_puts(b, "{\"error\":");
	resp_error(b, r, e);
	if (r->route && r->route->flat_errors) {
		const char *code = r->fault.flat_code;

		buf_puts(b, ",\"message\":");
		buf_json(b, str_of(sentence_of(r, e)));
		buf_puts(b, ",\"code\":");
		buf_json(b, str_of(code ? code : err_code(e)));
	}
	buf_puts(b, "}\n");
}

/* Adds the headers that belong to the error. */
static void
error_head(struct req *r, enum err e)
{
	struct buf text;
	char bytes[128];

	buf_init_fixed(&text, bytes, sizeof(bytes));
	if (e == E_METHOD_NOT_ALLOWED) {
		route_allow(r->mem, r->path, &text);
		buf_putc(&text, '\0');
		resp_header(r, "Allow", bytes);
	} else if (e == E_UNAUTHORIZED) {
		resp_header(r, "WWW-Authenticate", "Bearer");
	} else if (r->fault.retry_after_s || e == E_UNAVAILABLE) {
		int wait = r->fault.retry_after_s;

		buf_printf(&text, "%d", wait ? wait : 1);
		buf_putc(&text, '\0');
		resp_header(r, "Retry-After", bytes);
	}
}

static void
make_error(struct req *r, enum err e)
{
	const struct err_row *row = err_row(e);

	r->answer.head = (struct buf){ 0 };
	error_body(resp_body(r, row->status), r, e);
	/* libSQL clients compare the whole type. */
	if (r->route && r->route->flat_errors)
		r->answer.type = "application/json";
	error_head(r, e);
}

/*
 * Bounds how long a write may wait. A short answer fits the buffers of the
 * kernel and of libfcgi, so that its writes never wait.
 */
static void
limit_waiting(const struct req *r)
{
	int64_t ns = r->service->opts->read_timeout;
	const struct timeval t = {
		.tv_sec = ns / NS_PER_S,
		.tv_usec = ns % NS_PER_S / NS_PER_US,
	};

	setsockopt(r->io->ipcFd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

bool
resp_write(struct req *r, struct str text)
{
	bool was_short = r->bytes_out <= SHORT_MAX;
	int n;

	if (was_short && r->bytes_out + text.n > SHORT_MAX)
		limit_waiting(r);
	n = FCGX_PutStr(text.p, (int)text.n, r->io->out);
	if (n > 0)
		r->bytes_out += (uint64_t)n;
	return n == (int)text.n;
}

bool
resp_flush(struct req *r)
{
	return FCGX_FFlush(r->io->out) == 0 && !req_is_gone(r);
}

bool
resp_begin(struct req *r, const char *type)
{
	r->answer.status = 200;
	r->answer.sent = true;
	return resp_write(r, STR("Status: 200 OK\r\nContent-Type: ")) &&
	    resp_write(r, str_of(type)) &&
	    resp_write(r,
		STR("\r\nCache-Control: no-store\r\n"
		    "X-Accel-Buffering: no\r\n")) &&
	    resp_write(r, buf_view(&r->answer.kept)) &&
	    resp_write(r, buf_view(&r->answer.head)) &&
	    resp_write(r, STR("\r\n")) && resp_flush(r);
}

void
resp_give_up(struct req *r, enum err e)
{
	struct buf b;

	buf_init(&b, r->mem);
	error_body(&b, r, e);
	if (resp_write(r, buf_view(&b)))
		resp_flush(r);
}

/* An answer that did not fit the request's memory is not sent in part. */
static bool
is_whole(const struct req *r)
{
	return !r->answer.head.failed && !r->answer.kept.failed &&
	    !r->answer.body.failed;
}

int
resp_settle(struct req *r, enum err e)
{
	if (r->answer.sent)
		return r->answer.status;
	if (e != OK)
		make_error(r, e);
	else if (!is_whole(r))
		make_error(r,
		    fail(r, E_INTERNAL,
			"the answer does not fit the memory of the request"));
	return r->answer.status;
}

void
resp_send(struct req *r)
{
	struct req_answer *a = &r->answer;
	char bytes[256];
	struct buf head;

	if (a->sent)
		return;
	buf_init_fixed(&head, bytes, sizeof(bytes));
	buf_puts(&head, "Status: ");
	buf_int(&head, a->status);
	buf_putc(&head, ' ');
	buf_puts(&head, reason(a->status));
	if (a->type) {
		buf_puts(&head, "\r\nContent-Length: ");
		buf_int(&head, (int64_t)a->body.n);
		buf_puts(&head, "\r\nContent-Type: ");
		buf_puts(&head, a->type);
	}
	buf_puts(&head, "\r\n");
	if (resp_write(r, buf_view(&head)) &&
	    resp_write(r, buf_view(&a->kept)) &&
	    resp_write(r, buf_view(&a->head)) && resp_write(r, STR("\r\n")) &&
	    resp_write(r, buf_view(&a->body)))
		a->sent = true;
}

/* The error stream first: the one closed last writes the end of the request. */
bool
resp_close(struct req *r)
{
	return FCGX_FClose(r->io->err) == 0 && FCGX_FClose(r->io->out) == 0 &&
	    r->answer.sent;
}
