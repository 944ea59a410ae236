/*
 * Calls lib/json/bind and reports its problem as the fault of the request.
 */
#include "fcgi/http/body.h"

enum err
body_bind(struct req *r, const struct bind_field *fields, size_t n, void *to)
{
	struct bind_problem problem;
	struct buf field;
	enum err e = bind_object(r->mem, r->body, fields, n, to, &problem);

	if (e != E_BAD_REQUEST)
		return e == OK ? OK : fail(r, e, "no memory");
	if (problem.field.n == 0)
		return fail_field(r, e, "body", problem.sentence);
	buf_init(&field, r->mem);
	buf_str(&field, problem.field);
	buf_putc(&field, '\0');
	return field.failed ? fail(r, E_TOO_LARGE, "no memory")
			    : fail_field(r, e, field.p, problem.sentence);
}
