/*
 * POST /kv/transform/batch: one key after the other, in pages. A pattern is
 * turned into its keys before the first key is transformed, so that a result
 * that is saved under a new name is not found again.
 */
#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "fcgi/kv/kv_http.h"
#include "fcgi/options.h"
#include "fcgi/transform/events.h"
#include "fcgi/transform/transform.h"
#include "lib/os/clock.h"
#include "stmts/kv.h"

enum {
	PAGE_KEYS = 100,
	LIST_KEYS = 1000,
};

struct batch_keys {
	struct str *all;
	size_t n;
};

/* --- The keys ------------------------------------------------------------- */

_Static_assert(TRANSFORM_KEYS == 10000, "the sentence below says so");

static enum err
add_keys(struct req *r, struct batch_keys *keys, const struct kv_page_row *rows,
    size_t n)
{
	if (keys->n + n > TRANSFORM_KEYS)
		return fail_field(r, E_BAD_REQUEST, "pattern",
		    "matches more than 10000 keys");
	for (size_t i = 0; i < n; i++)
		keys->all[keys->n++] = rows[i].key;
	return OK;
}

static enum err
list_keys(struct transform *t, struct glob *g, struct batch_keys *keys)
{
	struct req *r = t->req;
	struct kv_page_row *rows;
	struct tenant_tx *tx;
	size_t n;
	enum err e = kv_open(r, &tx);

	while (e == OK) {
		e = kv_page(tx, g->first, g->last, g->like, false, 0, LIST_KEYS,
		    &rows, &n);
		if (e != OK)
			return kv_fail(r, e, tx);
		e = add_keys(r, keys, rows, n);
		if (n < LIST_KEYS)
			break;
		if (e == OK && !glob_skip(r->mem, g, rows[n - 1].key))
			e = fail(r, E_TOO_LARGE, "no memory for keys");
	}
	return e;
}

static enum err
read_pattern(struct transform *t, struct batch_keys *keys)
{
	struct req *r = t->req;
	const char *problem;
	struct glob g;
	enum err e = glob_read(r->mem, t->input.pattern, &g, &problem);

	if (e == E_BAD_REQUEST)
		return fail_field(r, e, "pattern", problem);
	keys->all = arena_alloc(r->mem, TRANSFORM_KEYS * sizeof(*keys->all));
	if (e != OK || !keys->all)
		return fail(r, E_TOO_LARGE, "no memory for a pattern");
	return list_keys(t, &g, keys);
}

static enum err
read_list(struct transform *t, struct batch_keys *keys)
{
	struct req *r = t->req;
	size_t n = t->input.keys.n;

	keys->all = arena_alloc(r->mem, n * sizeof(*keys->all));
	if (!keys->all)
		return fail(r, E_TOO_LARGE, "no memory for keys");
	memcpy(keys->all, t->input.keys.items, n * sizeof(*keys->all));
	keys->n = n;
	for (size_t i = 0; i < n; i++) {
		const char *problem = kv_key_problem(keys->all[i]);

		if (problem)
			return fail_field(r, E_BAD_REQUEST, "keys", problem);
	}
	return OK;
}

static enum err
read_keys(struct transform *t, struct batch_keys *keys)
{
	bool has_pattern = t->input.pattern.p, has_list = t->input.keys.n;

	if (has_pattern && has_list)
		return fail_field(t->req, E_BAD_REQUEST, "pattern",
		    "cannot be given together with keys");
	if (!has_pattern && !has_list)
		return fail_field(t->req, E_BAD_REQUEST, "keys",
		    "or a pattern is required");
	return has_list ? read_list(t, keys) : read_pattern(t, keys);
}

/* --- One key -------------------------------------------------------------- */

/* Ends the batch before its last key. */
static enum err
stop(struct transform *t, enum err e)
{
	transform_failed(t, (struct str){ 0 }, e);
	t->is_stopped = true;
	return e;
}

static enum err
do_key(struct transform *t, struct item *s)
{
	enum err e = OK;

	/* An engine that does not wait does not notice that the client left. */
	if (!events_still_wanted(t))
		return stop(t, fail_stopped(t));
	if (clock_mono_ns() >= t->deadline_ns)
		return stop(t,
		    fail_saying(t->req, E_TIMEOUT,
			"The time limit of one request is reached; send the "
			"remaining keys in another one."));
	if (t->done && t->done % TRANSFORM_KEYS_PER_CREDIT == 0)
		e = transform_charge(t, 1);
	if (e != OK)
		return stop(t, e);
	if (s->version)
		return transform_item(t, s);
	e = fail(t->req, E_NOT_FOUND, NULL);
	t->done++;
	t->failed++;
	transform_failed(t, s->key, e);
	return e;
}

/* True if an earlier key of the page overwrote the value read for this one. */
static bool
is_stale(const struct item *items, const struct item *s)
{
	for (const struct item *b = items; b < s; b++) {
		struct str written = b->to.p ? b->to : b->key;

		if (b->is_saved &&
		    (str_eq(written, s->key) ||
			(s->to.p && str_eq(written, s->to))))
			return true;
	}
	return false;
}

static enum err
read_again(struct transform *t, struct item *s)
{
	const struct str key = s->key;

	*s = (struct item){ 0 };
	return transform_load(t, &key, 1, s);
}

/* --- Pages ---------------------------------------------------------------- */

/* True if this key must begin the next page, so that its value is read. */
static bool
ends_page(const struct transform *t, const struct item *s)
{
	return item_is_unread(s) ||
	    arena_used(t->mem) > t->req->service->opts->request_memory / 2;
}

/* Adds to *at the number of keys that are done, at least one. */
static enum err
do_page(struct transform *t, const struct str *keys, size_t n, size_t *at)
{
	struct item items[PAGE_KEYS] = { 0 };
	enum err e = transform_load(t, keys, n, items);

	if (e != OK)
		return stop(t, e);
	for (size_t i = 0; i < n && !t->is_stopped; i++) {
		struct item *s = &items[i];

		if (i > 0 && ends_page(t, s))
			break;
		++*at;
		e = is_stale(items, s) ? read_again(t, s) : OK;
		e = e == OK ? do_key(t, s) : stop(t, e);
		events_progress(t);
	}
	return e;
}

/*
 * The values of ten thousand keys do not fit the memory of a request, so pages
 * have an arena that is reset between them. After the last page it is kept: the
 * fault of the request may point into it.
 */
static enum err
do_pages(struct transform *t, const struct batch_keys *keys)
{
	enum err e = req_scratch(t->req, &t->mem);

	if (e != OK)
		return stop(t, e);
	for (size_t at = 0; at < keys->n && !t->is_stopped;) {
		size_t left = keys->n - at;

		t->req->fault = (struct req_fault){ 0 };
		arena_reset(t->mem);
		e = do_page(t, keys->all + at,
		    left < PAGE_KEYS ? left : PAGE_KEYS, &at);
	}
	return e;
}

enum err
transform_batch(struct req *r)
{
	struct batch_keys keys = { 0 };
	struct transform t;
	enum err e;

	if (events_were_read(r))
		return OK;
	e = kv_refuse_condition(r);
	if (e == OK)
		e = transform_read(r, &t, true);
	if (e == OK)
		e = read_keys(&t, &keys);
	if (e != OK)
		return e;
	t.total = keys.n;
	t.deadline_ns = clock_mono_ns() + r->service->opts->transform_timeout;
	events_begin(&t);
	events_progress(&t);
	e = do_pages(&t, &keys);
	if (t.done > t.failed)
		gate_keep_charge(r);
	return events_end(&t, e);
}
