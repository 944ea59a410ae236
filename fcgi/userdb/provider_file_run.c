/*
 * Pipelines and cursors of the provider `file`. The worker passes JSON on in
 * both directions; it only parses the error that ends a stream.
 */
#include "fcgi/userdb/provider_file_impl.h"

#include "fcgi/gate/gate.h"
#include "fcgi/http/err_row.h"
#include "fcgi/http/resp.h"
#include "fcgi/userdb/options.h"
#include "lib/json/json.h"
#include "lib/os/clock.h"

struct run {
	struct req *req;
	struct userdb *db;
	struct keepers *keepers;
	bool is_cursor;
	int64_t deadline_ns;
	struct buf *body; /* what is not sent yet */
	bool has_begun;   /* a cursor's answer */
	bool is_gone;     /* the client */
	enum err refused; /* why further statements may not run, or OK */
};

static bool
begin_cursor(struct run *x)
{
	struct buf body = *x->body;

	x->has_begun = true;
	if (!resp_begin(x->req, "text/plain"))
		return false;
	return resp_write(x->req, buf_view(&body)) && resp_flush(x->req);
}

/*
 * The status of a cursor is known at its end. One that ends with its first
 * piece may be a failure; any other one is answered as it comes.
 */
static enum err
take(struct run *x, struct str piece)
{
	if (x->has_begun) {
		x->is_gone = !resp_write(x->req, piece) || !resp_flush(x->req);
		/* A slow reader must not occupy the worker for longer. */
		return clock_mono_ns() < x->deadline_ns
		    ? OK
		    : provider_file_fail(x->req, x->db, E_TIMEOUT, NULL);
	}
	if (x->is_cursor && x->body->n)
		x->is_gone = !begin_cursor(x) || !resp_write(x->req, piece) ||
		    !resp_flush(x->req);
	else
		buf_str(x->body, piece);
	return x->body->failed
	    ? fail_saying(x->req, E_TOO_LARGE, "The answer is too large.")
	    : OK;
}

static enum err
wait_for_keeper(struct run *x)
{
	enum req_woke woke;

	if (x->is_cursor && x->body->n && !x->has_begun)
		x->is_gone = !begin_cursor(x);
	woke = req_wait(x->req, keeper_poll(x->keepers), x->deadline_ns);
	x->is_gone = x->is_gone || woke == REQ_GONE;
	return woke == REQ_LATE
	    ? provider_file_fail(x->req, x->db, E_TIMEOUT, NULL)
	    : OK;
}

/* The run ends at the next statement that it may not begin. */
static void
charge(struct run *x)
{
	if (x->refused == OK)
		x->refused = gate_charge(x->req, 1);
	keeper_allow(x->keepers, x->refused == OK);
}

static enum err
follow(struct run *x)
{
	enum keeper_state state = KEEPER_WAIT;
	enum err e = OK;
	struct str piece;

	do {
		if (state == KEEPER_WAIT)
			e = wait_for_keeper(x);
		if (e != OK || x->is_gone)
			return e;
		state = keeper_next(x->keepers, &piece);
		if (state == KEEPER_OUTPUT)
			e = take(x, piece);
		else if (state == KEEPER_CREDIT)
			charge(x);
		else if (state == KEEPER_FAILED)
			e = provider_file_fault(x->req, x->db, x->keepers);
	} while (e == OK && state != KEEPER_DONE);
	return e == OK ? x->refused : e;
}

/* Answers as Hrana does when the stream is dead: {"message", "code"}. */
static enum err
fail_stream(struct run *x, int status)
{
	struct req *r = x->req;
	const struct json *tree = NULL;
	struct json_fault fault;
	struct str message, code;
	enum err e = status == 404 ? E_NOT_FOUND
	    : status == 413        ? E_TOO_LARGE
	    : status < 500         ? E_BAD_REQUEST
				   : E_UNAVAILABLE;

	if (json_parse(r->mem, buf_view(x->body), &tree, &fault) != OK)
		return fail(r, E_INTERNAL, "not an error of Hrana");
	message = json_text(json_get(tree, "message"));
	code = json_text(json_get(tree, "code"));
	fail_saying(r, e,
	    message.p ? arena_copy(r->mem, message.p, message.n) : NULL);
	if (code.p)
		r->fault.flat_code = arena_copy(r->mem, code.p, code.n);
	return e;
}

/* On success the answer of a pipeline is in x->body. */
static enum err
run_call(struct run *x, const struct hrana_call *call)
{
	struct keeper_order order = {
		.kind = call->is_cursor ? KEEPER_CURSOR : KEEPER_PIPELINE,
		.version = call->version,
		.name = x->db->name,
		.may_write = call->may_write,
		.size_max = call->size_max,
		.deadline_ns = x->deadline_ns,
		.body = call->body,
	};
	const struct keeper_result *result;
	enum err e = keeper_begin(x->keepers, &order);

	if (e != OK)
		return provider_file_fault(x->req, x->db, x->keepers);
	e = follow(x);
	result = keeper_result(x->keepers);
	/* Statements that ran are charged, however the request ends. */
	if (result->statements || e == E_TIMEOUT)
		gate_keep_charge(x->req);
	if (e == OK && !x->is_gone) {
		provider_file_learn(x->db, result);
		if (result->status >= 400 && !x->has_begun)
			e = fail_stream(x, result->status);
	}
	keeper_end(x->keepers);
	return e;
}

/* Ends a cursor that has begun, by its own kind of error. */
static void
give_up(struct run *x, enum err e)
{
	struct req *r = x->req;
	const char *sentence = r->fault.sentence;
	struct buf b;

	buf_init(&b, r->mem);
	buf_puts(&b, "{\"type\":\"error\",\"error\":{\"message\":");
	buf_json(&b, str_of(sentence ? sentence : err_row(e)->sentence));
	buf_puts(&b, ",\"code\":");
	buf_json(&b, str_of(err_code(e)));
	buf_puts(&b, "}}\n");
	if (resp_write(r, buf_view(&b)))
		resp_flush(r);
}

enum err
provider_file_run(struct req *r, struct userdb *db,
    const struct hrana_call *call)
{
	struct run x = {
		.req = r,
		.db = db,
		.keepers = provider_file_keepers(r->service),
		.is_cursor = call->is_cursor,
		.deadline_ns = r->began_ns +
		    ROOM_OPTIONS(userdb, r->service->conf)->timeout,
		.body = resp_body(r, 200),
	};
	enum err e;

	r->answer.type = call->is_cursor ? "text/plain" : "application/json";
	e = run_call(&x, call);
	if (e == OK || !x.has_begun)
		return e;
	gate_keep_charge(r);
	give_up(&x, e);
	return e;
}
