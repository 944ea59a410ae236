/*
 * The gate: one list of checks, in the order in which they are made. Each
 * looks at the route's row and says OK where the row does not ask for it.
 */
#include "fcgi/http/gate.h"

/* nginx knows the operators' addresses and hands on its verdict. */
static enum err
check_operator(struct req *r)
{
	if (!(r->route->need & NEED_OPERATOR) || r->is_operator)
		return OK;
	return fail(r, E_FORBIDDEN, "not an operator's address");
}

static enum err
check_body(struct req *r)
{
	uint64_t max = r->route->body_max;

	if (max == 0)
		return OK;
	if (max == ROUTE_BODY)
		max = r->service->opts->body_max;
	return req_read_body(r, max);
}

static enum err (*const checks[])(struct req *) = {
	check_operator,
	check_body,
};

enum err
gate_pass(struct req *r)
{
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		enum err e = checks[i](r);

		if (e != OK)
			return e;
	}
	return OK;
}
