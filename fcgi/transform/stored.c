/*
 * The program has no side effects, so that it may run as often as it must.
 */
#include "fcgi/transform/stored.h"

#include "fcgi/kv/kv.h"
#include "fcgi/options.h"
#include "fcgi/transform/jq.h"
#include "fcgi/transform/save.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

enum { TRIES = 10 };

struct output {
	struct buf value; /* the last one */
	size_t n;
	int64_t deadline_ns;
};

static enum err
refuse(struct stored_transform *t, enum err e, const char *why)
{
	t->why = why;
	return e;
}

/* The statement failed: the log gets the reason, the user a sentence. */
static enum err
fault(struct stored_transform *t, const struct tenant_tx *tx, enum err e)
{
	if (e == E_STORAGE_FULL)
		return refuse(t, e, "The plan's storage is full.");
	if (e == E_TOO_LARGE)
		return refuse(t, e, "The result is larger than allowed.");
	log_event(LOG_WARN, "transform_failed", "%s: %s", t->tenant->schema,
	    tenant_trouble(tx));
	return refuse(t, e, "The store is not available; try again shortly.");
}

static bool
take(void *to, struct str output)
{
	struct output *x = to;

	x->n++;
	x->value.n = 0;
	buf_str(&x->value, output);
	return true;
}

static bool
wait_for_jq(void *to, struct pollfd with, int64_t deadline_ns)
{
	const struct output *x = to;
	int64_t until =
	    x->deadline_ns < deadline_ns ? x->deadline_ns : deadline_ns;

	poll(&with, 1, clock_ms_left(until));
	return clock_mono_ns() < x->deadline_ns;
}

static enum err
check_result(struct stored_transform *t, const struct output *x)
{
	const char *problem;
	struct buf b;
	enum err e;

	if (x->n != 1)
		return refuse(t, E_BAD_REQUEST, jq_needs_one_output);
	if (x->value.failed)
		return refuse(t, E_TOO_LARGE, "The result is too large.");
	e = kv_check_value(t->mem, buf_view(&x->value), KV_DEPTH_MAX,
	    t->service->opts->body_max, &problem);
	if (e == OK)
		return OK;
	buf_init(&b, t->mem);
	buf_printf(&b, "The result cannot be stored: %s.", problem);
	buf_putc(&b, '\0');
	return refuse(t, e, b.failed ? "The result cannot be stored." : b.p);
}

static enum err
run_program(struct stored_transform *t, struct str value, struct output *x)
{
	struct jq_run run = {
		.mem = t->mem,
		.program = t->program,
		.value = value,
		.take = take,
		.wait = wait_for_jq,
		.to = x,
	};
	enum err e;

	t->warning = jq_warning(value);
	x->deadline_ns = t->deadline_ns;
	x->n = 0;
	buf_init(&x->value, t->mem);
	e = jq_run(&run);
	if (e == OK)
		return check_result(t, x);
	return clock_mono_ns() < x->deadline_ns
	    ? refuse(t, e, run.why)
	    : refuse(t, E_TIMEOUT, "The program took too long.");
}

static enum err
save(struct stored_transform *t, struct tenant_tx *tx,
    const struct kv_get_row *from, const struct output *x, bool *is_saved)
{
	struct value_save save = {
		.key = t->key,
		.value = buf_view(&x->value),
		.seen = from->version,
		.expires_at = from->expires_at,
		.body_max = t->service->opts->body_max,
		.store_max = t->store_max,
	};
	struct kv_put_row *row;
	enum err e = value_save(tx, &save, &row);

	if (e != OK)
		return fault(t, tx, e);
	*is_saved = row->stored;
	t->version = row->version.v;
	t->result = buf_view(&x->value);
	return OK;
}

static enum err
try_once(struct stored_transform *t, struct tenant_tx *tx, bool *is_saved)
{
	struct output x = { 0 };
	struct kv_get_row *row = NULL;
	enum err e = kv_get(tx, t->key, &row);

	if (e != OK)
		return fault(t, tx, e);
	if (!row)
		return refuse(t, E_NOT_FOUND, "There is no such key.");
	e = run_program(t, row->value, &x);
	return e == OK ? save(t, tx, row, &x, is_saved) : e;
}

enum err
transform_stored(struct stored_transform *t)
{
	struct tenant_tx *tx;
	bool is_saved = false;
	enum err e =
	    tenant_open(t->service->db, t->mem, t->tenant, t->mode, &tx);

	if (e != OK)
		return refuse(t, e, "The store is not available.");
	for (int i = 0; e == OK && !is_saved && i < TRIES; i++)
		e = try_once(t, tx, &is_saved);
	if (e != OK || is_saved)
		return e;
	return refuse(t, E_CONFLICT,
	    "The value changed each time while the program ran.");
}
