/*
 * POST /kv/:key/transform. What can be known before the first event is told by
 * the status: a key that is not there, another version, a bad program's form.
 */
#include "fcgi/kv/kv.h"
#include "fcgi/transform/events.h"
#include "fcgi/transform/transform.h"

static enum err
read_subject(struct transform *t, struct item *s)
{
	struct req *r = t->req;
	const char *problem = kv_key_problem(r->params[0]);
	enum err e;

	if (problem)
		return fail_field(r, E_BAD_REQUEST, "key", problem);
	e = transform_load(t, &r->params[0], 1, s);
	if (e != OK)
		return e;
	if (s->version == 0)
		return fail(r, E_NOT_FOUND, NULL);
	if (t->input.if_version.is && t->input.if_version.v != s->version)
		return fail(r, E_PRECONDITION_FAILED, NULL);
	return OK;
}

enum err
transform_single(struct req *r)
{
	struct transform t;
	struct item s = { 0 };
	enum err e = transform_read(r, &t, false);

	if (e == OK)
		e = read_subject(&t, &s);
	if (e != OK)
		return e;
	t.total = 1;
	events_begin(&t);
	e = transform_item(&t, &s);
	return events_end(&t, e);
}
