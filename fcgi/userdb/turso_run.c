/*
 * Pipelines and cursors of the provider `turso`. The requests and the results
 * pass through as they are; io7 replaces the baton and the base URL in both
 * directions.
 */
#include "fcgi/userdb/turso.h"

#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "lib/json/json.h"
#include "lib/json/member.h"
#include "lib/lite/hrana.h"
#include "lib/os/clock.h"

enum { HEAD_MAX = 16 * 1024 }; /* of the first line of a cursor */

struct run {
	struct turso turso;
	struct req *req;
	struct userdb *db;
	const struct hrana_call *call;
	struct turso_stream stream; /* that the request continues */
	struct buf *body;           /* of the answer */
	struct buf
	    raw; /* as received: all of a pipeline, the head of a cursor */
	uint64_t raw_max;
	bool has_begun; /* a cursor's answer */
	bool is_gone;   /* the client */
	bool writes;    /* with the token that may write */
	enum err failed;
};

/* --- Faults --------------------------------------------------------------- */

static enum err
fail_run(struct run *x, enum err e)
{
	return turso_fail(x->req, x->db, e, x->turso.why);
}

static enum err
fail_baton(struct run *x)
{
	fail_saying(x->req, E_BAD_REQUEST, "Received an invalid baton");
	x->req->fault.flat_code = "BATON_INVALID";
	return E_BAD_REQUEST;
}

/* The token may only read, or the service's own allowance is used up. */
static enum err
fail_forbidden(struct run *x, int status)
{
	if (!x->call->may_write)
		return fail_saying(x->req, E_FORBIDDEN,
		    "This credential may only read the database.");
	if (!x->writes)
		return fail(x->req, E_STORAGE_FULL, NULL);
	fail(x->req, E_UNAVAILABLE, "Turso: status %d", status);
	x->req->fault.sentence =
	    "The service that keeps this database refused the request: its own"
	    " quota is used up. Tell the operator of this host.";
	return E_UNAVAILABLE;
}

static enum err
fail_status(struct run *x, const struct fetch_answer *got)
{
	x->turso.why = "the database refused the request";
	if (turso_fail_request(x->req, x->call->is_cursor, got))
		return E_BAD_REQUEST;
	switch (got->status) {
	case 400:
		return fail_saying(x->req, E_BAD_REQUEST, NULL);
	case 402:
	case 403:
		return fail_forbidden(x, got->status);
	case 404:
		return fail_run(x, E_NOT_FOUND);
	case 413:
		return fail_saying(x->req, E_TOO_LARGE, NULL);
	case 429:
		return fail_run(x, E_UNAVAILABLE);
	default:
		return fail_run(x,
		    got->status >= 500 ? E_UNAVAILABLE : E_BAD_GATEWAY);
	}
}

/* --- The answer ----------------------------------------------------------- */

struct head {
	struct str baton, base, results; /* raw; without p: missing */
};

static bool
read_head(struct arena *mem, struct str text, struct head *to)
{
	struct json_walk walk;
	struct json_item item;

	*to = (struct head){ 0 };
	if (!json_check(text, JSON_DEPTH_MAX, NULL, NULL) ||
	    json_kind(str_trim(text)) != JSON_OBJECT)
		return false;
	json_walk(&walk, mem, str_trim(text));
	while (json_next(&walk, &item)) {
		if (str_eq(item.name, STR("baton")))
			to->baton = item.value;
		else if (str_eq(item.name, STR("base_url")))
			to->base = item.value;
		else if (str_eq(item.name, STR("results")))
			to->results = item.value;
	}
	return !walk.failed;
}

/* Where the stream goes on: never outside the database's own domain. */
static enum err
take_base(struct run *x, struct str raw, struct turso_stream *s)
{
	struct str base;

	s->base = x->stream.base;
	if (!raw.p || json_kind(raw) == JSON_NULL)
		return OK;
	x->turso.why = "its base_url is not of the database's domain";
	if (json_kind(raw) != JSON_TEXT ||
	    !json_unquote(x->req->mem, raw, &base) ||
	    !turso_may_follow(x->db->url, base))
		return fail_run(x, E_BAD_GATEWAY);
	if (base.p[base.n - 1] == '/')
		base.n--;
	s->base = arena_copy(x->req->mem, base.p, base.n);
	return s->base ? OK : fail(x->req, E_TOO_LARGE, "no memory");
}

/* `"baton":…,"base_url":null`, with a baton of our own. */
static enum err
write_head(struct run *x, const struct head *head, struct buf *b)
{
	struct turso_stream s = { .may_write = x->call->may_write };
	struct buf baton;
	enum err e;

	buf_puts(b, "{\"baton\":");
	if (!head->baton.p || json_kind(head->baton) == JSON_NULL) {
		buf_puts(b, "null,\"base_url\":null");
		return OK;
	}
	x->turso.why = "its baton is no text";
	if (json_kind(head->baton) != JSON_TEXT ||
	    !json_unquote(x->req->mem, head->baton, &s.baton))
		return fail_run(x, E_BAD_GATEWAY);
	e = take_base(x, head->base, &s);
	if (e != OK)
		return e;
	buf_init(&baton, x->req->mem);
	e = turso_wrap(x->req->service, x->db, &s, &baton);
	if (e != OK)
		return fail(x->req, e, "the baton cannot be encrypted");
	buf_json(b, buf_view(&baton));
	buf_puts(b, ",\"base_url\":null");
	return OK;
}

static enum err
finish_pipeline(struct run *x)
{
	struct head head;
	enum err e;

	x->turso.why = "its answer to a pipeline is malformed";
	if (!read_head(x->turso.mem, buf_view(&x->raw), &head) ||
	    !head.results.p || json_kind(head.results) != JSON_ARRAY)
		return fail_run(x, E_BAD_GATEWAY);
	e = write_head(x, &head, x->body);
	if (e != OK)
		return e;
	buf_puts(x->body, ",\"results\":");
	buf_str(x->body, head.results);
	buf_puts(x->body, "}");
	return x->body->failed
	    ? fail_saying(x->req, E_TOO_LARGE,
		  "The answer is too large. The statements have run.")
	    : OK;
}

/* --- A cursor ------------------------------------------------------------- */

static bool
begin_cursor(struct run *x, size_t line)
{
	struct str first = { x->raw.p, line };
	struct head head;
	struct buf b;

	buf_init(&b, x->req->mem);
	x->turso.why = "its answer to a cursor is malformed";
	x->failed = read_head(x->turso.mem, first, &head)
	    ? write_head(x, &head, &b)
	    : fail_run(x, E_BAD_GATEWAY);
	if (x->failed != OK)
		return false;
	buf_puts(&b, "}\n");
	x->has_begun = true;
	x->is_gone = !resp_begin(x->req, "text/plain") ||
	    !resp_write(x->req, buf_view(&b));
	return !x->is_gone;
}

static bool
send_rows(struct run *x, struct str piece)
{
	x->is_gone = !resp_write(x->req, piece) || !resp_flush(x->req);
	/* A slow reader must not occupy the worker for longer. */
	if (!x->is_gone && clock_mono_ns() >= x->turso.deadline_ns) {
		x->turso.why = "the client did not read all rows in time";
		x->failed = fail_run(x, E_TIMEOUT);
	}
	return !x->is_gone && x->failed == OK;
}

static bool
take_cursor(struct run *x, struct str piece)
{
	const char *end;
	size_t line;

	if (x->has_begun)
		return send_rows(x, piece);
	buf_str(&x->raw, piece);
	end = x->raw.n ? memchr(x->raw.p, '\n', x->raw.n) : NULL;
	if (!end)
		return x->raw.n <= HEAD_MAX && !x->raw.failed;
	line = (size_t)(end - x->raw.p);
	return begin_cursor(x, line) &&
	    send_rows(x, (struct str){ end + 1, x->raw.n - line - 1 });
}

/* Ends a cursor that has begun, by its own kind of error. */
static void
give_up(struct run *x, enum err e)
{
	const char *sentence = x->req->fault.sentence;
	struct buf b;

	buf_init(&b, x->req->mem);
	buf_puts(&b, "{\"type\":\"error\",\"error\":{\"message\":");
	buf_json(&b, str_of(sentence ? sentence : "The stream has failed."));
	buf_puts(&b, ",\"code\":");
	buf_json(&b, str_of(err_code(e)));
	buf_puts(&b, "}}\n");
	if (resp_write(x->req, buf_view(&b)))
		resp_flush(x->req);
}

/* --- The request ---------------------------------------------------------- */

static bool
on_piece(void *to, struct str piece)
{
	struct run *x = to;

	if (x->call->is_cursor)
		return take_cursor(x, piece);
	if (x->raw.n + piece.n > x->raw_max) {
		x->failed = fail_saying(x->req, E_TOO_LARGE,
		    "The answer is too large. The statements have run.");
		x->req->fault.flat_code = "RESPONSE_TOO_LARGE";
		return false;
	}
	buf_str(&x->raw, piece);
	if (x->raw.failed)
		x->failed = fail(x->req, E_TOO_LARGE, "no memory");
	return !x->raw.failed;
}

static bool
on_time(void *to)
{
	struct run *x = to;

	x->is_gone = x->is_gone || req_is_gone(x->req);
	return !x->is_gone;
}

static void
compose(struct buf *b, const struct turso_stream *s,
    const struct turso_body *in, bool is_cursor)
{
	buf_putc(b, '{');
	member_text(b, "baton", s->baton);
	buf_puts(b, is_cursor ? ",\"batch\":" : ",\"requests\":");
	buf_str(b, in->work);
	buf_putc(b, '}');
}

static enum err
send_call(struct run *x, const struct turso_body *in)
{
	const char *path = x->call->is_cursor ? "v3/cursor"
	    : x->call->version == 2           ? "v2/pipeline"
					      : "v3/pipeline";
	struct fetch f = { .max = INT64_MAX,
		.piece = on_piece,
		.go_on = on_time,
		.to = x };
	struct fetch_answer got = { 0 };
	struct buf b;
	enum err e;

	buf_init(&b, x->turso.mem);
	compose(&b, &x->stream, in, x->call->is_cursor);
	if (b.failed)
		return fail(x->req, E_TOO_LARGE, "no memory");
	f.body = buf_view(&b);
	x->writes = turso_may_write(x->db, x->call, in);
	e = turso_send(&x->turso, x->db, x->writes, x->stream.base, path, &f,
	    &got);
	if (x->is_gone)
		return OK;
	if (x->failed != OK)
		return x->failed;
	if (e != OK)
		return fail_run(x, e);
	return got.status == 200 ? OK : fail_status(x, &got);
}

static enum err
charge(struct run *x, uint64_t statements)
{
	uint64_t further = statements ? (statements - 1) / HRANA_CHARGE : 0;

	return further ? gate_charge(x->req, (unsigned)further) : OK;
}

static enum err
prepare(struct run *x, struct turso_body *in)
{
	struct req *r = x->req;
	const char *problem = NULL;
	enum err e = turso_parse(r->mem, x->call->body, x->call->is_cursor, in,
	    &problem);

	if (e != OK) {
		fail_saying(r, e, problem);
		r->fault.flat_code = "PROTOCOL_ERROR";
		return e;
	}
	if (in->baton.p &&
	    (turso_unwrap(r->service, r->mem, x->db, in->baton, &x->stream) !=
		    OK ||
		x->stream.may_write != x->call->may_write))
		return fail_baton(x);
	e = charge(x, in->statements);
	if (e != OK)
		return e;
	e = turso_keep_up(&x->turso, x->db);
	return e == OK ? OK : fail_run(x, e);
}

/* On success the answer of a pipeline is in x->body. */
static enum err
run_call(struct run *x, struct turso_body *in)
{
	enum err e = req_scratch(x->req, &x->turso.mem);

	if (e != OK)
		return fail(x->req, e, "no memory");
	buf_init(&x->raw, x->turso.mem);
	e = prepare(x, in);
	if (e == OK)
		e = send_call(x, in);
	if (e != OK || x->is_gone)
		return e;
	if (!x->call->is_cursor)
		return finish_pipeline(x);
	x->turso.why = "its answer to a cursor is empty";
	return x->has_begun ? OK : fail_run(x, E_BAD_GATEWAY);
}

enum err
turso_run(struct req *r, struct userdb *db, const struct hrana_call *call)
{
	const struct userdb_options *o = ROOM_OPTIONS(userdb, r->service->conf);
	struct run x = {
		.turso = { .service = r->service,
		    .mem = r->mem,
		    .deadline_ns = r->began_ns + o->timeout,
		    .why = "" },
		.req = r,
		.db = db,
		.call = call,
		.raw_max = o->result_max + TURSO_AROUND,
		.body = resp_body(r, 200),
	};
	struct turso_body in = { 0 };
	enum err e;

	r->answer.type = call->is_cursor ? "text/plain" : "application/json";
	e = run_call(&x, &in);
	if (e == OK && call->may_write && !in.only_frees && !x.is_gone)
		turso_watch_size(&x.turso, db, call->body.n);
	if (e == OK || !x.has_begun)
		return e;
	gate_keep_charge(r);
	give_up(&x, e);
	return e;
}
