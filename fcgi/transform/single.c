/*
 * POST /kv/:key/transform. Errors that are found before the first event set the
 * status: an absent key, a condition that does not hold, a malformed body.
 */
#include "fcgi/kv/condition.h"
#include "fcgi/transform/events.h"
#include "fcgi/transform/transform.h"

static enum err
check_version(struct transform *t, const struct item *s,
    const struct kv_condition *condition)
{
	if ((t->input.if_version.is && t->input.if_version.v != s->version) ||
	    !kv_fits(condition, s->version, s->updated_at))
		return kv_fail_condition(t->req,
		    (struct opt_int64){ true, s->version });
	return OK;
}

static enum err
read_item(struct transform *t, struct item *s)
{
	struct req *r = t->req;
	const char *problem = kv_key_problem(r->params[0]);
	struct kv_condition condition = { 0 };
	enum err e;

	if (problem)
		return fail_field(r, E_BAD_REQUEST, "key", problem);
	e = kv_read_condition(r, &condition);
	if (e == OK)
		e = transform_load(t, &r->params[0], 1, s);
	if (e != OK)
		return e;
	if (s->version)
		return check_version(t, s, &condition);
	return fail(r, condition.wanted.n ? E_PRECONDITION_FAILED : E_NOT_FOUND,
	    NULL);
}

enum err
transform_single(struct req *r)
{
	struct transform t;
	struct item s = { 0 };
	enum err e;

	if (events_were_read(r))
		return OK;
	e = transform_read(r, &t, false);
	if (e == OK)
		e = read_item(&t, &s);
	if (e != OK)
		return e;
	t.total = 1;
	events_begin(&t);
	e = transform_item(&t, &s);
	return events_end(&t, e);
}
