/*
 * POST /kv/batch.
 */
#include "fcgi/gate/gate.h"
#include "fcgi/kv/batch.h"
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv_http.h"
#include "fcgi/options.h"

static const char *
text_of(struct req *r, struct str s)
{
	const char *text = arena_copy(r->mem, s.p, s.n);

	return text ? text : "ops";
}

static enum err
read_batch(struct req *r, struct batch *b)
{
	struct bind_problem problem = { STR(""), NULL };
	enum err e = batch_parse(r->mem, r->body, r->service->opts->body_max, b,
	    &problem);

	b->storage_bytes = principal_store_max(r->principal);
	if (e != OK && problem.sentence)
		return fail_field(r, e, text_of(r, problem.field),
		    problem.sentence);
	return e == OK ? OK : fail(r, e, "no memory for a batch");
}

/* The scopes that are needed depend on the operations. */
static enum err
check_scopes(struct req *r, const struct batch *b)
{
	unsigned need = (batch_reads(b) ? SCOPE_READ : 0) |
	    (batch_writes(b) ? SCOPE_WRITE : 0);

	if ((r->principal->scopes & need) == need)
		return OK;
	return fail(r, E_FORBIDDEN, "the scope is missing");
}

/* The cost of the route covers the first hundred operations. */
static enum err
charge(struct req *r, const struct batch *b)
{
	unsigned more = (unsigned)((b->n - 1) / KV_OPS_PER_CREDIT);

	return more ? gate_charge(r, more) : OK;
}

/* Names the operation that made an atomic batch fail. */
static enum err
fail_batch(struct req *r, enum err e, const struct batch *b,
    const struct tenant_tx *tx)
{
	const struct batch_op *op = &b->ops[b->failed];
	struct buf field, problem;

	buf_init(&field, r->mem);
	buf_init(&problem, r->mem);
	buf_printf(&field, "ops[%zu]", b->failed);
	switch (b->is_atomic ? op->status : BATCH_OK) {
	case BATCH_CONFLICT:
		buf_puts(&field, ".version");
		buf_printf(&problem, "does not match: the version is %lld",
		    (long long)op->version);
		break;
	case BATCH_STORAGE_FULL:
		buf_puts(&problem, "exceeds the plan's storage");
		break;
	case BATCH_TOO_LARGE:
		buf_printf(&problem, "would read more than %d bytes in all",
		    BATCH_VALUES);
		break;
	case BATCH_OK:
	case BATCH_NOT_FOUND:
		return kv_fail(r, e, tx);
	}
	buf_putc(&field, '\0');
	buf_putc(&problem, '\0');
	if (field.failed || problem.failed)
		return fail(r, e, "no memory");
	return fail_field(r, e, field.p, problem.p);
}

static void
write_version(struct buf *b, const struct batch_op *op)
{
	buf_puts(b, ",\"version\":");
	if (op->version)
		buf_int(b, op->version);
	else
		buf_puts(b, "null");
}

static void
write_op(struct buf *b, const struct batch_op *op)
{
	static const char *const words[] = {
		[BATCH_OK] = "ok",
		[BATCH_NOT_FOUND] = "not_found",
		[BATCH_CONFLICT] = "conflict",
		[BATCH_STORAGE_FULL] = "storage_full",
		[BATCH_TOO_LARGE] = "too_large",
	};
	bool is_value = op->verb == BATCH_GET || op->verb == BATCH_PUT;

	buf_puts(b, "{\"op\":");
	buf_json(b, op->verb_name);
	buf_puts(b, ",\"key\":");
	buf_json(b, op->key);
	buf_puts(b, ",\"status\":\"");
	buf_puts(b, words[op->status]);
	buf_putc(b, '"');
	write_version(b, op);
	if (op->status == BATCH_OK && op->verb == BATCH_PUT)
		buf_puts(b,
		    op->created ? ",\"created\":true" : ",\"created\":false");
	if (op->status == BATCH_OK && is_value) {
		buf_putc(b, ',');
		kv_write_expiry(b, op->expires_at);
	}
	if (op->status == BATCH_OK && op->verb == BATCH_GET) {
		buf_puts(b, ",\"value\":");
		buf_str(b, op->found);
	}
	buf_putc(b, '}');
}

enum err
kv_batch(struct req *r)
{
	struct tenant_tx *tx = NULL;
	struct batch batch;
	struct buf *b;
	enum err e = kv_refuse_condition(r);

	if (e == OK)
		e = read_batch(r, &batch);
	if (e == OK)
		e = check_scopes(r, &batch);
	if (e == OK)
		e = charge(r, &batch);
	if (e == OK)
		e = kv_open(r, &tx);
	if (e != OK)
		return e;
	e = batch_run(tx, r->mem, &batch);
	if (e != OK)
		return fail_batch(r, e, &batch, tx);
	b = resp_body(r, 200);
	buf_printf(b, "{\"atomic\":%s,\"results\":[",
	    batch.is_atomic ? "true" : "false");
	for (size_t i = 0; i < batch.n; i++) {
		if (i)
			buf_putc(b, ',');
		write_op(b, &batch.ops[i]);
	}
	buf_puts(b, "]}\n");
	return OK;
}
