/*
 * Admission. For a cached credential, one round trip to Redis checks the cache
 * entry and the limits, and charges the request.
 */
#include "fcgi/gate/admission.h"

#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal_cache.h"
#include "fcgi/identity/unknown_cache.h"
#include "fcgi/meter/concurrency.h"
#include "fcgi/meter/meter.h"
#include "lib/os/clock.h"

/* Unauthenticated requests are limited by IP address. */
static enum err
refuse_unknown(struct req *r, const char *detail)
{
	enum err e = meter_address(r);

	return e == OK ? fail(r, E_UNAUTHORIZED, "%s", detail) : e;
}

/* NULL, or a sentence that names the first missing scope. */
static const char *
scope_problem(const struct principal *principal, unsigned need)
{
	unsigned has = principal->scopes;

	if (need & NEED_READ && !(has & SCOPE_READ))
		return "This credential may not do that:"
		       " it lacks the scope read.";
	if (need & NEED_WRITE && !(has & SCOPE_WRITE))
		return "This credential may not do that:"
		       " it lacks the scope write.";
	if (need & NEED_ADMIN && !(has & SCOPE_ADMIN))
		return "This credential may not do that:"
		       " it lacks the scope admin.";
	if (need & NEED_DATABASE && !scope_reads_database(has))
		return "This credential may not do that:"
		       " it lacks the scope database, database:read or read.";
	if (need & NEED_DATABASE_WRITE && !scope_writes_database(has))
		return "This credential may not do that:"
		       " it lacks the scope database, or read and write.";
	return NULL;
}

/*
 * The request gets a copy of the cache entry, with its own mode and expiry: all
 * tokens of a user share one entry.
 */
static enum err
admit(struct req *r, const struct principal *principal)
{
	const struct credential *c = &r->gate->credential;
	int64_t end =
	    c->kind == CREDENTIAL_TOKEN ? c->expires_us : principal->expires_us;
	const char *problem = scope_problem(principal, r->route->need);
	struct principal *own;

	if (end && end <= clock_wall_us())
		return fail_saying(r, E_UNAUTHORIZED,
		    "This credential has expired.");
	if (problem)
		return fail_saying(r, E_FORBIDDEN, problem);
	if (r->route->need & NEED_PERSON && principal->kind == CREDENTIAL_KEY)
		return fail_saying(r, E_FORBIDDEN,
		    "An API key may not do this. Sign in, or use a token.");
	own = (void *)arena_copy(r->mem, principal, sizeof(*principal));
	if (!own)
		return fail(r, E_TOO_LARGE, "no memory");
	own->mode = c->mode;
	own->by_cookie = c->by_cookie;
	own->expires_us = end;
	r->principal = own;
	return OK;
}

/*
 * A cached credential may be stale; only Redis can tell. Look it up again, at
 * most TURNS times, since it may change again in between.
 */
static enum err
check_credential(struct req *r)
{
	enum { TURNS = 4 };
	struct gate *gate = r->gate;
	struct credential *c = &gate->credential;
	struct principal *principal = principal_cache_find(c->kind, c->id);
	struct revocation_stamp stamp;
	bool is_stale;
	enum err e;

	if (unknown_cache_has(c))
		return refuse_unknown(r, "a key that was unknown just now");
	if (principal)
		c->owner = principal_owner(principal);
	for (int i = 0; i < TURNS; i++) {
		/* Before the limits: a refusal must not cost a round trip. */
		e = principal ? concurrency_enter(r, principal) : OK;
		if (e == OK)
			e = meter_enter(r, c, principal, &gate->meter);
		if (e != OK)
			return e;
		is_stale = meter_is_stale(gate->meter, &stamp);
		if (principal && !is_stale) {
			e = admit(r, principal);
			if (e != OK)
				meter_refund(r, gate->meter);
			return e;
		}
		gate->meter = NULL;
		e = principal_look_up(r, c, stamp, &principal);
		if (e == E_UNAUTHORIZED && meter_address(r) != OK)
			return r->fault.err;
		if (e != OK)
			return e;
	}
	return fail(r, E_UNAVAILABLE, "the credential changes all the time");
}

/* Forgeries count against the address: verifying a signature is expensive. */
static bool
is_forged(const struct credential *c)
{
	return c->kind == CREDENTIAL_TOKEN && !c->issuer.p;
}

enum err
admission_check(struct req *r)
{
	const unsigned account = NEED_ACCOUNT | NEED_READ | NEED_WRITE |
	    NEED_ADMIN | NEED_PERSON | NEED_DATABASE | NEED_DATABASE_WRITE;
	struct credential *c = &r->gate->credential;
	enum err e;

	if (!(r->route->need & account))
		return r->route->need & NEED_IP_LIMIT ? meter_address(r) : OK;
	e = credential_read(r, c);
	if (e == E_UNAUTHORIZED && is_forged(c) && meter_address(r) != OK)
		return r->fault.err;
	if (e != OK)
		return e;
	if (c->kind == CREDENTIAL_NONE)
		return refuse_unknown(r, "no credential");
	resp_keep(r, "Io7-Mode", mode_name(c->mode));
	return check_credential(r);
}
