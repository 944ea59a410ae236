/*
 * Reading, storing and removing one key: each is one statement, which judges
 * the conditions of the request on the row that it has locked.
 */
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv_http.h"
#include "lib/os/clock.h"
#include "stmts/kv.h"

static enum err
answer_value(struct req *r, const struct kv_get_row *row)
{
	char date[CLOCK_DATE];

	buf_str(resp_body(r, 200), row->value);
	kv_headers(r, row->version, row->expires_at);
	clock_date(row->updated_at, date);
	resp_header(r, "Last-Modified", date);
	return OK;
}

enum err
kv_get_value(struct req *r)
{
	struct kv_request k = { 0 };
	struct kv_get_row *row;
	enum err e = kv_read(r, &k);

	if (e != OK)
		return e;
	e = kv_get(k.tx, k.key, &row);
	if (e != OK)
		return kv_fail(r, e, k.tx);
	if (!row)
		return fail(r,
		    k.condition.wanted.n ? E_PRECONDITION_FAILED : E_NOT_FOUND,
		    NULL);
	if (kv_fits(&k.condition, row->version))
		return answer_value(r, row);
	k.condition.unwanted.n = 0;
	if (!kv_fits(&k.condition, row->version))
		return fail(r, E_PRECONDITION_FAILED, NULL);
	resp_empty(r, 304);
	kv_headers(r, row->version, row->expires_at);
	return OK;
}

/*
 * What `curl -d` says of a body by itself is taken for JSON too, for that is
 * what people type.
 */
static bool
is_json_type(struct str type)
{
	const struct str prefix = STR("application/"), suffix = STR("+json");

	return type.n == 0 || str_eq_nocase(type, STR("application/json")) ||
	    str_eq_nocase(type, STR("application/x-www-form-urlencoded")) ||
	    (type.n > prefix.n + suffix.n &&
		str_eq_nocase((struct str){ type.p, prefix.n }, prefix) &&
		str_eq_nocase((struct str){ type.p + type.n - suffix.n,
				  suffix.n },
		    suffix));
}

enum err
kv_put_value(struct req *r)
{
	struct kv_request k = { 0 };
	struct kv_put_row *row;
	enum err e = kv_read(r, &k);

	if (e != OK)
		return e;
	if (!is_json_type(kv_media_type(r)))
		return fail_saying(r, E_UNSUPPORTED_MEDIA_TYPE,
		    "A value is JSON: its type is application/json.");
	e = kv_read_value(r, KV_DEPTH_MAX);
	if (e != OK)
		return e;
	do
		e = kv_put(k.tx, k.key, r->body, k.ttl, k.condition.wanted,
		    k.condition.unwanted,
		    kv_row_max(r->service->opts->body_max),
		    r->principal->plan.storage_bytes, &row);
	while (kv_sweep_expired(k.tx, e));
	if (e != OK)
		return kv_fail(r, e, k.tx);
	if (!row)
		return fail(r, E_PRECONDITION_FAILED, NULL);
	return kv_answer(r, k.key, row->version, row->created, row->expires_at);
}

enum err
kv_delete_value(struct req *r)
{
	struct kv_request k = { 0 };
	struct kv_delete_row *row;
	enum err e = kv_read(r, &k);

	if (e != OK)
		return e;
	e = kv_delete(k.tx, k.key, k.condition.wanted, k.condition.unwanted,
	    &row);
	if (e != OK)
		return kv_fail(r, e, k.tx);
	if (!row->deleted)
		return fail(r,
		    k.condition.wanted.n ||
			    (k.condition.unwanted.n && row->existed)
			? E_PRECONDITION_FAILED
			: E_NOT_FOUND,
		    NULL);
	resp_empty(r, 204);
	return OK;
}
