/*
 * GET, PUT and DELETE of /kv/:key. Each is one statement; that of a write
 * checks the conditions on the row that it has locked.
 */
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv_http.h"
#include "fcgi/options.h"
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
	if (kv_fits(&k.condition, row->version, row->updated_at))
		return answer_value(r, row);
	k.condition.unwanted.n = 0;
	if (!kv_fits(&k.condition, row->version, row->updated_at))
		return kv_fail_condition(r,
		    (struct opt_int64){ true, row->version });
	resp_empty(r, 304);
	kv_headers(r, row->version, row->expires_at);
	return OK;
}

/* A condition that holds for an absent key, unlike If-Match. */
static bool
has_condition(const struct kv_request *k)
{
	return k->condition.unwanted.n || k->condition.changed_before.is;
}

static enum err
put_if(struct req *r, const struct kv_request *k, struct kv_put_row *stored)
{
	struct kv_put_row *row;
	enum err e = kv_put(k->tx, k->key, r->body, k->ttl, k->condition.wanted,
	    k->condition.unwanted, k->condition.changed_before,
	    kv_row_max(r->service->opts->body_max),
	    principal_store_max(r->principal), &row);

	if (e == OK)
		*stored = *row;
	return e;
}

/*
 * A write without conditions waits for other writers of the store only if it
 * creates a key. If another writer of the same key gets in between, kv_put()
 * repeats it under locks.
 */
static enum err
put(struct req *r, const struct kv_request *k, struct kv_put_row *stored)
{
	struct kv_set_row *row;
	enum err e;

	if (k->condition.wanted.n || has_condition(k))
		return put_if(r, k, stored);
	e = kv_set(k->tx, k->key, r->body, k->ttl,
	    kv_row_max(r->service->opts->body_max),
	    principal_store_max(r->principal), kv_counter(r), &row);
	if (e == E_CONFLICT || (e == OK && !row))
		return put_if(r, k, stored);
	if (e == OK)
		*stored = (struct kv_put_row){
			.stored = true,
			.version = { true, row->version },
			.created = { true, row->created },
			.expires_at = row->expires_at,
		};
	return e;
}

enum err
kv_put_value(struct req *r)
{
	struct kv_request k = { 0 };
	struct kv_put_row row = { 0 };
	enum err e = kv_read(r, &k);

	if (e != OK)
		return e;
	e = kv_read_value(r, KV_DEPTH_MAX);
	if (e != OK)
		return e;
	do
		e = put(r, &k, &row);
	while (kv_sweep_expired(k.tx, e));
	if (e != OK)
		return kv_fail(r, e, k.tx);
	if (!row.stored)
		return kv_fail_condition(r, row.version);
	return kv_answer(r, k.key, row.version.v, row.created.v,
	    row.expires_at);
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
	    k.condition.changed_before, kv_counter(r), &row);
	if (e != OK)
		return kv_fail(r, e, k.tx);
	if (row->deleted) {
		resp_empty(r, 204);
		return OK;
	}
	if (k.condition.wanted.n || (row->version.is && has_condition(&k)))
		return kv_fail_condition(r, row->version);
	return fail(r, E_NOT_FOUND, NULL);
}
