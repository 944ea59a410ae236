/*
 * The doctor's check of JWTs: whether any can be accepted, and how old the keys
 * are that verify them.
 */
#include "fcgi/ops/doctor.h"

#include "fcgi/identity/jwks.h"
#include "fcgi/identity/options.h"
#include "lib/os/clock.h"

static void
check_keys(struct doctor *d, struct finding *f)
{
	struct jwks_times t = jwks_times(d->conf, d->app.mem);
	long long age = (clock_wall_us() - t.fetched_us) / US_PER_S;

	if (!t.fetched_us)
		find(f, VERDICT_FAIL,
		    "no keys were fetched yet: check IO7_JWT_JWKS_URL, and that"
		    " `io7 serve` is running");
	else if (t.fetched_us != t.tried_us)
		find(f, VERDICT_WARN,
		    "the keys are %lld s old and cannot be fetched: see"
		    " jwks_failed in the log",
		    age);
	else
		find(f, VERDICT_OK, "keys fetched %lld s ago", age);
}

void
doctor_tokens(struct doctor *d, enum mode unused, struct finding *f)
{
	const struct identity_options *o = ROOM_OPTIONS(identity, d->conf);
	bool has_keys = o->jwt_jwks_url[0] || o->jwt_secret[0];

	(void)unused;
	if (!o->jwt_issuer[0] && has_keys)
		find(f, VERDICT_WARN,
		    "no JWT is accepted: IO7_JWT_ISSUER is not set");
	else if (!o->jwt_issuer[0])
		find(f, VERDICT_OK, "no JWT is accepted");
	else if (!has_keys)
		find(f, VERDICT_WARN,
		    "no JWT is accepted: set IO7_JWT_JWKS_URL or"
		    " IO7_JWT_SECRET_FILE");
	else if (o->jwt_jwks_url[0])
		check_keys(d, f);
	else
		find(f, VERDICT_OK, "verified with the secret");
}
