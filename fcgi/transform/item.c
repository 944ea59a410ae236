/*
 * One key: read the value, run the engine, save the result, send the outcome. A
 * result is saved only over the version that was read.
 */
#include "fcgi/options.h"
#include "fcgi/transform/transform.h"

#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "fcgi/kv/kv_http.h"
#include "fcgi/transform/events.h"
#include "fcgi/transform/save.h"

/* Bytes of values that one statement reads, besides the first value. */
enum { PAGE_BYTES = 4 << 20 };

enum err
fail_stopped(struct transform *t)
{
	return fail(t->req, E_UNAVAILABLE,
	    t->is_gone ? "the client has closed the connection"
		       : "the worker is shutting down");
}

/* Nothing is charged in test mode. */
enum err
transform_charge(struct transform *t, unsigned credits)
{
	enum err e = gate_charge(t->req, credits);

	if (e == OK && t->req->principal->mode == MODE_LIVE)
		t->credits += credits;
	return e;
}

/* --- Reading -------------------------------------------------------------- */

static enum err
open_store(struct transform *t, struct tenant_tx **tx)
{
	struct req *r = t->req;
	enum err e = tenant_open(r->service->db, t->mem, &r->principal->tenant,
	    r->principal->mode, tx);

	return e == OK ? OK
		       : fail(r, e, "schema %s", r->principal->tenant.schema);
}

/* In a batch the star of `to` stands for the key. */
static bool
set_target(struct transform *t, struct item *s)
{
	struct str before, after = t->input.to;
	struct buf b;

	s->to = after;
	if (!t->is_batch || !after.p)
		return true;
	buf_init(&b, t->mem);
	if (!str_split(&after, '*', &before))
		return false;
	buf_str(&b, before);
	buf_str(&b, s->key);
	buf_str(&b, after);
	s->to = buf_view(&b);
	return !b.failed;
}

/* The rows of the keys, then those of the keys to save to. */
static enum err
load_rows(struct transform *t, struct tenant_tx *tx, struct item *s, size_t n,
    struct keys_read_row **rows)
{
	size_t all = t->input.to.p ? 2 * n : n, got;
	struct str *keys = arena_alloc(t->mem, all * sizeof(*keys));
	bool *wants = arena_alloc(t->mem, all * sizeof(*wants));
	enum err e;

	if (!keys || !wants)
		return fail(t->req, E_TOO_LARGE, "no memory for keys");
	for (size_t i = 0; i < n; i++) {
		keys[i] = s[i].key;
		wants[i] = true;
		if (all > n)
			keys[n + i] = s[i].to;
	}
	e = keys_read(tx, (struct array){ keys, all },
	    (struct array){ wants, all }, PAGE_BYTES, (struct array){ 0 },
	    false, rows, &got);
	if (e != OK)
		return kv_fail(t->req, e, tx);
	return got == all ? OK : fail(t->req, E_INTERNAL, "%zu rows", got);
}

/* For a value that is larger than PAGE_BYTES. */
static enum err
load_alone(struct transform *t, struct tenant_tx *tx, struct item *s)
{
	struct kv_get_row *row;
	enum err e = kv_get(tx, s->key, &row);

	if (e != OK)
		return kv_fail(t->req, e, tx);
	s->version = row ? row->version : 0;
	if (row) {
		s->value = row->value;
		s->updated_at = row->updated_at;
		s->expires_at = row->expires_at;
	}
	return OK;
}

static void
take_row(struct item *s, const struct keys_read_row *row)
{
	if (!row->version.is)
		return;
	s->version = row->version.v;
	s->value = row->value;
	s->updated_at = row->updated_at.v;
	s->expires_at = row->expires_at;
}

bool
item_is_unread(const struct item *s)
{
	return s->version && !s->value.p;
}

enum err
transform_load(struct transform *t, const struct str *keys, size_t n,
    struct item *s)
{
	struct keys_read_row *rows = NULL;
	struct tenant_tx *tx;
	enum err e = open_store(t, &tx);

	for (size_t i = 0; i < n; i++) {
		s[i].key = keys[i];
		if (!set_target(t, &s[i]))
			return fail(t->req, E_TOO_LARGE, "no memory for keys");
	}
	if (e == OK)
		e = load_rows(t, tx, s, n, &rows);
	for (size_t i = 0; e == OK && rows && i < n; i++) {
		take_row(&s[i], &rows[i]);
		if (t->input.to.p)
			s[i].to_version = rows[n + i].version;
	}
	return e == OK && item_is_unread(s) ? load_alone(t, tx, s) : e;
}

/* --- Saving --------------------------------------------------------------- */

/* A key keeps its expiry; a new key has none. */
static enum err
put(const struct transform *t, struct tenant_tx *tx, const struct item *s,
    struct kv_put_row **row)
{
	struct value_save save = {
		.key = s->to.p ? s->to : s->key,
		.value = buf_view(&t->value),
		.seen = s->to.p ? s->to_version.v : s->version,
		.body_max = t->req->service->opts->body_max,
		.store_max = principal_store_max(t->req->principal),
	};

	if (!s->to.p)
		save.expires_at = s->expires_at;
	return value_save(tx, &save, row);
}

static enum err
check_result(struct transform *t)
{
	const char *problem;
	enum err e = kv_check_value(t->mem, buf_view(&t->value), KV_DEPTH_MAX,
	    t->req->service->opts->body_max, &problem);

	return e == OK ? OK : fail_field(t->req, e, "value", problem);
}

/* *version is that of the saved result; on E_CONFLICT, the current one. */
static enum err
save(struct transform *t, struct item *s, int64_t *version)
{
	struct kv_put_row *row;
	struct tenant_tx *tx;
	enum err e = check_result(t);

	if (e == OK)
		e = open_store(t, &tx);
	if (e != OK)
		return e;
	e = put(t, tx, s, &row);
	if (e != OK)
		return kv_fail(t->req, e, tx);
	*version = row->version.v;
	if (!row->stored)
		return fail(t->req, E_CONFLICT,
		    "the key was changed in between");
	t->saved++;
	return OK;
}

/* --- Sending -------------------------------------------------------------- */

static void
send_result(struct transform *t, const struct item *s, int64_t version)
{
	struct buf *b = event_open(t, s->key);

	buf_puts(b, "\"value\":");
	buf_str(b, buf_view(&t->value));
	buf_printf(b, ",\"outputs\":%zu,", s->outputs);
	if (version)
		buf_printf(b, "\"version\":%lld,", (long long)version);
	if (s->to.p) {
		buf_puts(b, "\"to\":");
		buf_json(b, s->to);
		buf_putc(b, ',');
	}
	if (s->warning) {
		buf_puts(b, "\"warnings\":[");
		buf_json(b, str_of(s->warning));
		buf_puts(b, "],");
	}
	event_send(t, "result");
	if (t->is_stream)
		return;
	t->last.n = 0;
	buf_str(&t->last, buf_view(b));
	buf_putc(&t->last, '\n');
}

static void
send_failure(struct transform *t, struct str key, enum err e, int64_t version)
{
	struct buf *b = event_open(t, key);

	if (version)
		buf_printf(b, "\"version\":%lld,", (long long)version);
	buf_puts(b, "\"error\":");
	resp_error(b, t->req, e);
	event_send(t, "error");
}

void
transform_failed(struct transform *t, struct str key, enum err e)
{
	send_failure(t, key, e, 0);
}

/* --- The whole ------------------------------------------------------------ */

/* With a long key in place of its star, `to` may be too long. */
static enum err
check_target(struct transform *t, const struct item *s)
{
	const char *problem = s->to.p ? kv_key_problem(s->to) : NULL;

	return problem ? fail_field(t->req, E_BAD_REQUEST, "to", problem) : OK;
}

static enum err
run_engine(struct transform *t, struct item *s)
{
	enum err e = check_target(t, s);

	if (e != OK)
		return e;
	t->value.n = 0;
	e = t->engine->run(t, s);
	if (e != OK || !t->value.failed)
		return e;
	buf_init(&t->value, t->req->mem);
	return fail_saying(t->req, E_TOO_LARGE, "The result is too large.");
}

enum err
transform_item(struct transform *t, struct item *s)
{
	int64_t version = 0;
	enum err e = run_engine(t, s);

	if (e == OK && t->input.save.v)
		e = save(t, s, &version);
	s->is_saved = e == OK && t->input.save.v;
	t->done++;
	t->failed += e != OK;
	if (e == OK)
		send_result(t, s, version);
	else
		send_failure(t, s->key, e, version);
	return e;
}
