/*
 * The engine patch: applies a JSON patch (RFC 6902). PostgreSQL applies it, by
 * the function that serves PATCH, so numbers keep their digits.
 */
#include "fcgi/identity/principal.h"
#include "fcgi/kv/kv.h"
#include "fcgi/kv/kv_http.h"
#include "fcgi/options.h"
#include "fcgi/transform/engines.h"
#include "fcgi/transform/events.h"
#include "lib/json/json.h"
#include "stmts/transform.h"

enum err
patch_check(struct transform *t)
{
	struct req *r = t->req;
	const char *problem;
	enum err e = kv_check_value(r->mem, t->input.patch, KV_PATCH_DEPTH,
	    r->service->opts->body_max, &problem);

	return e == OK ? OK : fail_field(r, e, "patch", problem);
}

enum err
patch_apply(struct transform *t, struct item *s, const char *how)
{
	struct req *r = t->req;
	struct transform_apply_row *row;
	struct db_tx *tx = db_open(r->service->db, t->mem, r->principal->mode);
	enum err e =
	    transform_apply(tx, str_of(how), s->value, t->input.patch, &row);

	if (e != OK)
		return kv_fail_field(r, e, "patch", db_sqlstate(tx),
		    db_trouble(tx));
	buf_str(&t->value, row->value);
	return OK;
}

static enum err
check(struct transform *t)
{
	const char *problem;
	enum err e;

	if (json_kind(t->input.patch) != JSON_ARRAY)
		return fail_field(t->req, E_BAD_REQUEST, "patch",
		    "must be an array of operations");
	e = patch_check(t);
	if (e != OK)
		return e;
	problem = kv_patch_problem(t->req->mem, t->input.patch);
	return problem ? fail_field(t->req, E_BAD_REQUEST, "patch", problem)
		       : OK;
}

static enum err
run(struct transform *t, struct item *s)
{
	return patch_apply(t, s, "patch");
}

const struct engine engine_patch = { "patch", "patch", check, run };
