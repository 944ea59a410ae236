/*
 * POST /api/kv/import: lines are read from the body as it arrives and stored a
 * few hundred at a time, so that memory does not grow with the body. If a line
 * is wrong, the lines before it stay stored, and the answer names the line.
 */
#include "fcgi/gate/gate.h"
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/import_line.h"
#include "fcgi/kv/kv_http.h"
#include "fcgi/kv/line_reader.h"
#include "fcgi/options.h"
#include "lib/os/clock.h"
#include "stmts/kv.h"

enum { LINES_PER_BATCH = 500 };

struct import {
	struct req *req;
	struct arena *mem; /* for the lines that are stored together */
	struct line_reader reader;
	bool skips;

	struct str keys[LINES_PER_BATCH], values[LINES_PER_BATCH];
	int64_t expiries[LINES_PER_BATCH];
	size_t n;
	uint64_t first; /* line number of the first of these */

	uint64_t lines, imported, skipped, expired;
	unsigned charged;
};

/* Fails at a line. Those before it are stored; the client continues there. */
static enum err
stop_at(struct import *im, enum err e, uint64_t line, const char *problem)
{
	struct req *r = im->req;
	struct buf field, sentence;

	buf_init(&field, r->mem);
	buf_init(&sentence, r->mem);
	buf_printf(&field, "line %llu", (unsigned long long)line);
	buf_printf(&sentence, "%s; all lines before it are stored", problem);
	buf_putc(&field, '\0');
	buf_putc(&sentence, '\0');
	r->fault.err = e;
	r->fault.field = field.failed ? "line" : field.p;
	r->fault.problem = sentence.failed ? problem : sentence.p;
	return e;
}

/* A statement stores all of its lines or none. */
static const char *
write_problem(enum err e)
{
	if (e == E_STORAGE_FULL)
		return "exceeds the plan's storage, or one of the 500 lines "
		       "after it does";
	if (e == E_TOO_LARGE)
		return "has a value that is too large when stored, or one of "
		       "the 500 lines after it has";
	return "was not stored";
}

/*
 * The cost of the route covers the first hundred lines. Blank lines are charged
 * too: compressed, a million of them take next to no space.
 */
static enum err
charge(struct import *im)
{
	unsigned due = (unsigned)((im->reader.line - 1) / KV_OPS_PER_CREDIT);
	unsigned more = due - im->charged;
	enum err e = more ? gate_charge(im->req, more) : OK;

	im->charged = due;
	return e == OK ? OK
		       : stop_at(im, e, im->first,
			     "was not stored, nor the lines after it");
}

static enum err
store_lines(struct import *im)
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
		    principal_store_max(r->principal), &row);
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

	if (im->reader.line)
		e = charge(im);
	if (e == OK && im->n)
		e = store_lines(im);
	if (e == OK && req_is_gone(im->req))
		e = fail(im->req, E_BAD_REQUEST,
		    "the client has closed the connection");
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
	uint64_t number = im->reader.line;
	struct import_line line;
	const char *problem;
	enum err e =
	    import_line_parse(im->mem, text, body_max, &line, &problem);

	if (e != OK) {
		/* stop_at() copies the problem; flush() resets its memory. */
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
	return im->n == LINES_PER_BATCH ? flush(im) : OK;
}

static enum err
import_all(struct import *im)
{
	const char *problem;
	struct str line;
	enum err e = line_reader_open(&im->reader, im->req);

	while (e == OK) {
		e = line_reader_fill(&im->reader, &problem);
		if (e != OK && problem)
			return stop_at(im, e, im->reader.line + 1, problem);
		while (e == OK && line_reader_next(&im->reader, &line))
			if (!is_blank(line))
				e = add_line(im, line);
		/* The lines are slices of the buffer that is filled next. */
		if (e == OK)
			e = flush(im);
		if (im->reader.is_at_end)
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
