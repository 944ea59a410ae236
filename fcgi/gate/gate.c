/*
 * The list of checks, in the order in which they are made. A check returns OK
 * if the route's row does not ask for it.
 */
#include "fcgi/gate/gate.h"

#include "fcgi/gate/admission.h"
#include "fcgi/gate/idempotency.h"
#include "fcgi/gate/recent_errors.h"
#include "fcgi/http/input.h"
#include "fcgi/meter/concurrency.h"
#include "fcgi/meter/meter.h"
#include "fcgi/pools.h"

/* nginx compares the address with its list and passes the result on. */
static enum err
check_operator(struct req *r)
{
	if (!(r->route->need & NEED_OPERATOR) || r->is_operator)
		return OK;
	return fail(r, E_FORBIDDEN, "not an operator's address");
}

static enum err
check_type(struct req *r)
{
	return r->route->body_max ? input_check_type(r) : OK;
}

static enum err
check_stream(struct req *r)
{
	return r->route->need & NEED_STREAM ? concurrency_enter_stream(r) : OK;
}

static enum err
check_body(struct req *r)
{
	uint64_t max = r->route->body_max;

	if (max == 0 || max == ROUTE_STREAM)
		return OK;
	if (max == ROUTE_BODY)
		max = pool_body_max(r->service->pool, r->service->conf);
	return req_read_body(r, max);
}

static enum err (*const checks[])(struct req *) = {
	check_operator,
	admission_check,
	input_check_query,
	check_type,
	check_stream,
	check_body,
	idempotency_enter,
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

void
gate_leave(struct req *r, int status)
{
	idempotency_leave(r, status);
	concurrency_leave(r);
	if (r->gate->meter)
		meter_leave(r, r->gate->meter, status);
	errors_note(r, status);
}

enum err
gate_enter_scan(struct req *r)
{
	return concurrency_enter_scan(r);
}

enum err
gate_charge(struct req *r, unsigned credits)
{
	return meter_more(r, r->gate->meter, credits);
}

void
gate_refund(struct req *r)
{
	meter_refund(r, r->gate->meter);
}

void
gate_keep_charge(struct req *r)
{
	meter_keep(r->gate->meter);
}
