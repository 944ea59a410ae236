/*
 * PATCH /kv/:key and POST /kv/:key/incr. PostgreSQL applies the change to the
 * row that the statement has locked, so concurrent changes are not lost.
 */
#include "fcgi/http/body.h"
#include "fcgi/http/input.h"
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv_http.h"
#include "fcgi/options.h"
#include "lib/json/json.h"
#include "stmts/kv.h"

/* The statement does not see what was created or deleted while it waited. */
enum { TRIES = 5 };

static enum err
change(struct req *r, const struct kv_request *k, const char *how,
    struct kv_change_row **row)
{
	int64_t row_max = kv_row_max(r->service->opts->body_max);

	for (int i = 0; i < TRIES; i++) {
		enum err e;

		do
			e = kv_change(k->tx, k->key, str_of(how), r->body,
			    k->ttl, k->condition.wanted, k->condition.unwanted,
			    k->condition.changed_before, row_max,
			    principal_store_max(r->principal), kv_counter(r),
			    row);
		while (kv_sweep_expired(k->tx, e));
		if (e != OK)
			return kv_fail(r, e, k->tx);
		if (!(*row)->holds)
			return kv_fail_condition(r, (*row)->version);
		if ((*row)->version.is)
			return OK;
	}
	return fail(r, E_CONFLICT, "others keep creating or deleting the key");
}

static const char *
patch_of(struct str type)
{
	if (str_eq_nocase(type, STR("application/merge-patch+json")))
		return "merge";
	if (str_eq_nocase(type, STR("application/json-patch+json")))
		return "patch";
	return NULL;
}

static enum err
read_patch(struct req *r, const char *how)
{
	enum err e = kv_read_value(r, KV_PATCH_DEPTH);
	const char *problem = NULL;

	if (e == OK && strcmp(how, "patch") == 0)
		problem = kv_patch_problem(r->mem, r->body);
	return problem ? fail_field(r, E_BAD_REQUEST, "body", problem) : e;
}

enum err
kv_patch_value(struct req *r)
{
	const char *how = patch_of(req_media_type(r));
	struct kv_request k = { 0 };
	struct kv_change_row *row;
	enum err e = kv_read(r, &k);

	if (e != OK)
		return e;
	if (!how)
		return input_refuse_type(r);
	/* The operation `test` reveals the value. */
	if (strcmp(how, "patch") == 0 && !(r->principal->scopes & SCOPE_READ))
		return fail_saying(r, E_FORBIDDEN,
		    "A JSON patch needs the scope read besides write.");
	e = read_patch(r, how);
	if (e == OK)
		e = change(r, &k, how, &row);
	if (e != OK)
		return e;
	return kv_answer(r, k.key, row->version.v, row->created.v,
	    row->expires_at);
}

struct increment {
	struct str by, path;
};

static const struct bind_field increment_fields[] = {
	{ .name = "by",
	    .type = BIND_JSON,
	    .offset = offsetof(struct increment, by) },
	{ .name = "path",
	    .type = BIND_TEXT,
	    .offset = offsetof(struct increment, path) },
};

/* Without a body: increment by 1. */
static enum err
read_increment(struct req *r)
{
	struct increment i = { 0 };
	enum err e;

	if (r->body.n == 0)
		r->body = STR("{}");
	e = kv_read_value(r, KV_PATCH_DEPTH);
	if (e == OK)
		e = body_bind(r, increment_fields, ARRAY_LEN(increment_fields),
		    &i);
	if (e == OK && i.by.p && json_kind(i.by) != JSON_NUMBER)
		return fail_field(r, E_BAD_REQUEST, "by", "must be a number");
	return e;
}

enum err
kv_increment(struct req *r)
{
	struct kv_request k = { 0 };
	struct kv_change_row *row;
	struct buf *b;
	enum err e = kv_read(r, &k);

	if (e == OK)
		e = read_increment(r);
	if (e == OK)
		e = change(r, &k, "incr", &row);
	if (e != OK)
		return e;
	b = resp_body(r, 200);
	kv_headers(r, row->version.v, row->expires_at);
	buf_puts(b, "{\"key\":");
	buf_json(b, k.key);
	buf_puts(b, ",\"value\":");
	buf_str(b, row->number);
	buf_printf(b, ",\"version\":%lld}\n", (long long)row->version.v);
	return OK;
}
