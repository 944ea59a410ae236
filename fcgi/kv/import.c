/*
 * POST /api/kv/import: lines are taken from the body as it comes and written a
 * few hundred at a time, so that neither the body nor the set is ever held.
 * What is written stays written when a later line is at fault: the answer says
 * which line that is.
 */
#include "fcgi/gate/gate.h"
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/import_line.h"
#include "fcgi/kv/kv_http.h"
#include "fcgi/kv/line_reader.h"
#include "lib/os/clock.h"
#include "stmts/kv.h"

enum { LINES_AT_ONCE = 500 };

struct import {
	struct req *req;
	struct arena *mem; /* of what is written at once, and no longer */
	struct line_reader window;
	bool skips;

	struct str keys[LINES_AT_ONCE], values[LINES_AT_ONCE];
	int64_t expiries[LINES_AT_ONCE];
	size_t n;
	uint64_t first; /* the number of the first of these lines */

	uint64_t lines, imported, skipped, expired;
	unsigned charged;
};

/*
 * The failure of a line. What came before it has been written: the client goes
 * on from there.
 */
static enum err
stop_at(struct import *im, enum err e, uint64_t line, const char *problem)
{
	struct req *r = im->req;
	struct buf field, words;

	buf_init(&field, r->mem);
	buf_init(&words, r->mem);
	buf_printf(&field, "line %llu", (unsigned long long)line);
	buf_printf(&words, "%s; all lines before it are done", problem);
	buf_putc(&field, '\0');
	buf_putc(&words, '\0');
	r->fault.err = e;
	r->fault.field = field.failed ? "line" : field.p;
	r->fault.problem = words.failed ? problem : words.p;
	return e;
}

/* The rows of a statement are done, or none. */
static const char *
write_problem(enum err e)
{
	if (e == E_STORAGE_FULL)
		return "does not fit the plan's storage, or one of the 500 "
		       "behind it does not";
	if (e == E_TOO_LARGE)
		return "holds too large a value, written out, or one of the "
		       "500 behind it does";
	return "was not written";
}

/*
 * The row of the route is charged for the first hundred. Blank lines cost what
 * others do: in gzip, a million of them take no room.
 */
static enum err
charge(struct import *im)
{
	unsigned due = (unsigned)((im->window.line - 1) / KV_OPS_PER_CREDIT);
	unsigned more = due - im->charged;
	enum err e = more ? gate_charge(im->req, more) : OK;

	im->charged = due;
	return e == OK
	    ? OK
	    : stop_at(im, e, im->first, "was refused, as were those behind it");
}

static enum err
write_lines(struct import *im)
{
	struct req *r = im->req;
	struct kv_import_row *row;
	struct tenant_tx *tx;
	enum err e = tenant_open(r->service->db, im->mem, &r->principal->tenant,
	    r->principal->mode, &tx);

	if (e != OK)
		return fail(r, e, "schema %s", r->principal->tenant.schema);
	do
		e = kv_import(tx, (struct array){ im->keys, im->n },
		    (struct array){ im->values, im->n },
		    (struct array){ im->expiries, im->n }, im->skips,
		    kv_row_max(r->service->opts->body_max),
		    r->principal->plan.storage_bytes, &row);
	while (kv_sweep_expired(tx, e));
	if (e != OK) {
		fail(r, e, "%s", tenant_trouble(tx));
		return stop_at(im, e, im->first, write_problem(e));
	}
	im->imported += im->skips ? (uint64_t)row->imported : im->n;
	im->skipped += im->skips ? im->n - (uint64_t)row->imported : 0;
	return OK;
}

static enum err
flush(struct import *im)
{
	enum err e = OK;

	if (im->window.line)
		e = charge(im);
	if (e == OK && im->n)
		e = write_lines(im);
	if (e == OK && req_is_gone(im->req))
		e = fail(im->req, E_BAD_REQUEST, "the client has left");
	im->n = 0;
	arena_reset(im->mem);
	return e;
}

static bool
is_blank(struct str line)
{
	return str_trim(line).n == 0;
}

static enum err
add_line(struct import *im, struct str text)
{
	uint64_t body_max = im->req->service->opts->body_max;
	uint64_t number = im->window.line;
	struct import_line line;
	const char *problem;
	enum err e =
	    import_line_parse(im->mem, text, body_max, &line, &problem);

	if (e != OK) {
		/* Told before the memory is reset in which it was written. */
		stop_at(im, e, number, problem ? problem : "is too large");

		struct req_fault fault = im->req->fault;
		enum err before = flush(im);

		if (before != OK)
			return before;
		im->req->fault = fault;
		return e;
	}
	if (line.is_end)
		return OK;
	im->lines++;
	if (line.expires_us && line.expires_us <= clock_wall_us()) {
		im->expired++;
		return OK;
	}
	if (im->n == 0)
		im->first = number;
	im->keys[im->n] = line.key;
	im->values[im->n] = line.value;
	im->expiries[im->n++] = line.expires_us;
	return im->n == LINES_AT_ONCE ? flush(im) : OK;
}

static enum err
import_all(struct import *im)
{
	const char *problem;
	struct str line;
	enum err e = line_reader_open(&im->window, im->req);

	while (e == OK) {
		e = line_reader_fill(&im->window, &problem);
		if (e != OK && problem)
			return stop_at(im, e, im->window.line + 1, problem);
		while (e == OK && line_reader_next(&im->window, &line))
			if (!is_blank(line))
				e = add_line(im, line);
		/* The slices are gone when the window moves. */
		if (e == OK)
			e = flush(im);
		if (im->window.is_at_end)
			break;
	}
	return e;
}

static enum err
read_mode(struct req *r, bool *skips)
{
	struct str mode;
	enum err e = req_query(r, "mode", &mode);

	*skips = str_eq(mode, STR("skip"));
	if (e != OK || !mode.p || *skips || str_eq(mode, STR("overwrite")))
		return e;
	return fail_field(r, E_BAD_REQUEST, "mode",
	    "must be overwrite or skip");
}

enum err
kv_import_lines(struct req *r)
{
	struct import *im = arena_alloc(r->mem, sizeof(*im));
	enum err e;

	if (!im)
		return fail(r, E_TOO_LARGE, "no memory for an import");
	im->req = r;
	e = read_mode(r, &im->skips);
	if (e == OK)
		e = req_scratch(r, &im->mem);
	if (e == OK)
		e = import_all(im);
	if (e != OK)
		return e;
	buf_printf(resp_body(r, 200),
	    "{\"lines\":%llu,\"imported\":%llu,\"skipped\":%llu,"
	    "\"expired\":%llu}\n",
	    (unsigned long long)im->lines, (unsigned long long)im->imported,
	    (unsigned long long)im->skipped, (unsigned long long)im->expired);
	return OK;
}
