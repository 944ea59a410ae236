/*
 * Tokens. No claim is read before the signature is verified. Then each claim
 * that we rely on must be present and well-formed.
 */
#include "fcgi/identity/jwt.h"

#include "fcgi/identity/jwks.h"
#include "fcgi/identity/options.h"
#include "lib/json/json.h"
#include "lib/os/clock.h"

enum { SUBJECT_MAX = 255, EMAIL_MAX = 254 };

#define SKEW_US (30 * US_PER_S)

static const struct identity_options *
options_in(const struct req *r)
{
	return ROOM_OPTIONS(identity, r->service->conf);
}

static enum err
refuse(struct req *r, const char *sentence, const char *detail)
{
	enum err e = fail(r, E_UNAUTHORIZED, "%s", detail);

	r->fault.sentence = sentence;
	return e;
}

static enum err
refuse_claim(struct req *r, const char *detail)
{
	return refuse(r, "A claim of this token is missing or malformed.",
	    detail);
}

/* --- Claims ---------------------------------------------------------------- */

/* Seconds since 1970, with an optional fraction, up to the year 9999. */
static bool
read_time(const struct json *claims, const char *name, int64_t *us)
{
	const double last = 253402300799.0;
	double seconds;

	if (!json_real(json_get(claims, name), &seconds) || seconds < 0 ||
	    seconds > last)
		return false;
	*us = (int64_t)(seconds * (double)US_PER_S);
	return true;
}

/* nbf and iat are optional. */
static enum err
check_not_before(struct req *r, const struct json *claims, const char *name)
{
	int64_t us;

	if (!json_get(claims, name))
		return OK;
	if (!read_time(claims, name, &us))
		return refuse_claim(r, "nbf or iat is not a time");
	if (us <= clock_wall_us() + SKEW_US)
		return OK;
	return refuse(r, "This token is not valid yet.",
	    "nbf or iat is in the future");
}

static enum err
check_times(struct req *r, const struct json *claims, struct credential *c)
{
	int64_t end;
	enum err e;

	if (!read_time(claims, "exp", &end))
		return refuse_claim(r, "exp is missing or not a time");
	c->expires_us = end + SKEW_US;
	if (c->expires_us <= clock_wall_us())
		return refuse(r, "This token has expired.", "exp has passed");
	e = check_not_before(r, claims, "nbf");
	return e == OK ? check_not_before(r, claims, "iat") : e;
}

static bool
is_among(const struct json *audience, struct str wanted)
{
	if (!json_is(audience, JSON_ARRAY))
		return str_eq(json_text(audience), wanted);
	for (const struct json *one = json_first(audience); one;
	     one = json_after(one))
		if (str_eq(json_text(one), wanted))
			return true;
	return false;
}

static enum err
check_parties(struct req *r, const struct json *claims)
{
	static const char sentence[] = "This token is not for this service.";
	const struct identity_options *o = options_in(r);

	if (!str_eq(json_text(json_get(claims, "iss")), str_of(o->jwt_issuer)))
		return refuse(r, sentence, "iss is not ours");
	if (!is_among(json_get(claims, "aud"), str_of(o->jwt_audience)))
		return refuse(r, sentence, "aud is not ours");
	return OK;
}

static bool
is_plain(struct str text, size_t max)
{
	return text.p && str_utf8_length(text) <= max &&
	    !str_has_control(text, false);
}

/* Some issuers write an empty e-mail for users without one. */
static enum err
read_user(struct req *r, const struct json *claims, struct credential *c)
{
	const struct json *email = json_get(claims, "email");

	c->subject = json_text(json_get(claims, "sub"));
	if (!c->subject.n || !is_plain(c->subject, SUBJECT_MAX))
		return refuse_claim(r, "sub is missing or malformed");
	if (!email || json_is(email, JSON_NULL))
		return OK;
	c->email = json_text(email);
	return is_plain(c->email, EMAIL_MAX)
	    ? OK
	    : refuse_claim(r, "email is malformed");
}

/* --- The token ------------------------------------------------------------- */

static bool
is_accepted(const struct identity_options *o)
{
	return o->jwt_issuer[0] && (o->jwt_jwks_url[0] || o->jwt_secret[0]);
}

static enum jose_verdict
check_signature(struct req *r, struct str token, const struct json **claims,
    const char **problem)
{
	struct jose_trust trust = {
		.set = jwks_set(r),
		.secret = str_of(options_in(r)->jwt_secret),
	};

	return jose_verify(r->mem, token, &trust, claims, problem);
}

/* An unknown key may be a new one: fetch the set again. */
static enum err
verify(struct req *r, struct str token, const struct json **claims)
{
	const char *problem;
	enum jose_verdict verdict = check_signature(r, token, claims, &problem);

	if (verdict == JOSE_UNKNOWN_KEY && options_in(r)->jwt_jwks_url[0]) {
		enum err e = jwks_renew(r);

		if (e != OK)
			return e;
		verdict = check_signature(r, token, claims, &problem);
	}
	return verdict == JOSE_GOOD
	    ? OK
	    : refuse(r, "This token is not valid.", problem);
}

/* The credential's id is the same for all tokens of a user. */
static enum err
set_id(struct req *r, struct credential *c)
{
	struct buf b;

	buf_init(&b, r->mem);
	buf_str(&b, c->issuer);
	buf_putc(&b, '\0');
	buf_str(&b, c->subject);
	return !b.failed && crypt_sha256(buf_view(&b), c->id)
	    ? OK
	    : fail(r, E_INTERNAL, "no digest");
}

enum err
jwt_read(struct req *r, struct str token, struct credential *c)
{
	const struct identity_options *o = options_in(r);
	const struct json *claims;
	enum err e;

	if (!is_accepted(o))
		return refuse(r,
		    "Tokens are not accepted here: no issuer is configured.",
		    "a token, but no issuer is configured");
	e = verify(r, token, &claims);
	if (e != OK)
		return e;
	c->issuer = str_of(o->jwt_issuer);
	e = check_parties(r, claims);
	if (e == OK)
		e = check_times(r, claims, c);
	if (e == OK)
		e = read_user(r, claims, c);
	return e == OK ? set_id(r, c) : e;
}
