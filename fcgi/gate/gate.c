/*
 * The gate: one list of checks, in the order in which they are made. Each
 * looks at the route's row and says OK where the row does not ask for it.
 */
#include "fcgi/gate/gate.h"

#include "fcgi/gate/idempotency.h"
#include "fcgi/gate/recent_errors.h"
#include "fcgi/http/input.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/unknown_cache.h"
#include "fcgi/meter/meter.h"
#include "fcgi/meter/streams.h"

/* nginx knows the operators' addresses and hands on its verdict. */
static enum err
check_operator(struct req *r)
{
	if (!(r->route->need & NEED_OPERATOR) || r->is_operator)
		return OK;
	return fail(r, E_FORBIDDEN, "not an operator's address");
}

/* Who is nobody we know is limited by address. */
static enum err
refuse_nobody(struct req *r, const char *detail)
{
	enum err e = meter_address(r);

	return e == OK ? fail(r, E_UNAUTHORIZED, "%s", detail) : e;
}

/*
 * What is remembered of a credential may be outdated, which only Redis knows:
 * then it is looked up and asked after once more. Each change of a credential
 * costs one turn; who changes it all the time gets no further.
 */
static enum err
admit(struct req *r, const struct credential *credential)
{
	enum { TURNS = 4 };
	const struct principal *principal = principal_recall(credential);
	struct revocation_stamp stamp;
	bool stale;

	if (unknown_cache_has(credential))
		return refuse_nobody(r, "a credential that is still unknown");
	if (principal)
		principal_show(r, credential, principal);
	for (int i = 0; i < TURNS; i++) {
		enum err e =
		    meter_enter(r, credential, principal, &stale, &stamp);

		if (e != OK)
			return e;
		if (!stale) {
			e = principal_admit(r, credential, principal);
			if (e != OK)
				meter_forgive(r);
			return e;
		}
		e = principal_look_up(r, credential, stamp, &principal);
		if (e == E_UNAUTHORIZED && meter_address(r) != OK)
			return r->fault.err;
		if (e != OK)
			return e;
	}
	return fail(r, E_UNAVAILABLE, "the credential changes all the time");
}

/* Looking at a signature costs more than at the checksum of a key. */
static bool
is_forged(const struct credential *c)
{
	return c->kind == CREDENTIAL_TOKEN && !c->issuer.p;
}

static enum err
check_caller(struct req *r)
{
	const unsigned account =
	    NEED_ACCOUNT | NEED_READ | NEED_WRITE | NEED_ADMIN | NEED_PERSON;
	struct credential credential;
	enum err e;

	if (!(r->route->need & account))
		return r->route->need & NEED_IP_LIMIT ? meter_address(r) : OK;
	e = credential_read(r, &credential);
	if (e == E_UNAUTHORIZED && is_forged(&credential) &&
	    meter_address(r) != OK)
		return r->fault.err;
	if (e != OK)
		return e;
	if (credential.kind != CREDENTIAL_NONE) {
		resp_keep(r, "Io7-Mode", mode_name(credential.mode));
		return admit(r, &credential);
	}
	return refuse_nobody(r, "no credential");
}

static enum err
check_type(struct req *r)
{
	return r->route->body_max ? input_check_type(r) : OK;
}

static enum err
check_stream(struct req *r)
{
	return r->route->need & NEED_STREAM ? streams_enter(r) : OK;
}

static enum err
check_body(struct req *r)
{
	uint64_t max = r->route->body_max;

	if (max == 0 || max == ROUTE_STREAM)
		return OK;
	if (max == ROUTE_BODY)
		max = r->service->opts->body_max;
	return req_read_body(r, max);
}

static enum err (*const checks[])(struct req *) = {
	check_operator,
	check_caller,
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
	streams_leave(r);
	if (r->usage_journal)
		meter_leave(r, status);
	errors_note(r, status);
}
