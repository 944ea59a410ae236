/*
 * Looks up a credential with one statement, whether it is valid, unknown or
 * revoked.
 */
#include "fcgi/identity/principal.h"

#include "fcgi/identity/principal_cache.h"
#include "fcgi/identity/signup.h"
#include "fcgi/identity/token_signup.h"
#include "fcgi/identity/unknown_cache.h"
#include "lib/os/clock.h"
#include "stmts/identity.h"

static void
copy_text(char *to, size_t size, struct str from)
{
	size_t n = from.n < size ? from.n : size - 1;

	memcpy(to, from.p, n);
	to[n] = '\0';
}

static void
fill(struct principal *to, const struct principal_find_row *row)
{
	to->id = row->id;
	to->scopes = scopes_of(row->scopes);
	to->expires_us = row->expires_at.is ? row->expires_at.v : 0;
	to->tenant.user = row->user_id;
	tenant_name(row->user_id, to->tenant.schema);
	copy_text(to->plan.id, sizeof(to->plan.id), row->plan_id);
	copy_text(to->plan.name, sizeof(to->plan.name), row->plan_name);
	to->plan.credits_per_day = row->credits_per_day;
	to->plan.requests_per_minute = row->requests_per_minute;
	to->plan.storage_bytes = row->storage_bytes;
	to->plan.streams = row->streams;
	to->database_bytes[MODE_LIVE] = row->live_database_bytes;
	to->database_bytes[MODE_TEST] = row->test_database_bytes;
	to->used_credits = row->used_credits;
	to->used_day = row->used_day;
}

int64_t
principal_database_bytes(const struct principal *p, enum mode mode)
{
	int64_t bytes = p->database_bytes[mode] - DATABASE_FREE_BYTES;

	return bytes > 0 ? bytes : 0;
}

int64_t
principal_store_max(const struct principal *p)
{
	int64_t database = principal_database_bytes(p, p->mode);

	return p->plan.storage_bytes > database
	    ? p->plan.storage_bytes - database
	    : 0;
}

/* Why a known credential is refused; NULL if it is good. */
static const char *
refusal_of(const struct principal_find_row *row)
{
	if (!row->is_usable)
		return "This credential was revoked or disabled.";
	if (row->expires_at.is && row->expires_at.v <= clock_wall_us())
		return "This credential has expired.";
	if (row->is_leaving)
		return "This account is being deleted.";
	if (!row->is_active)
		return "This account is suspended.";
	return NULL;
}

static enum err
find(struct req *r, const struct credential *c, struct principal_find_row **row)
{
	struct str hash = { (const char *)c->id, sizeof(c->id) };
	struct db_tx *tx = db_begin(r, MODE_LIVE);

	return db_result(r, tx,
	    principal_find(tx, hash, c->issuer, c->subject,
		clock_day(clock_wall_us()), row));
}

/* Extends a session that is in use, once a minute. */
static enum err
extend_session(struct req *r, struct principal *session)
{
	struct session_touch_row *touched = NULL;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = session_touch(tx, session->id, &touched);

	if (touched)
		session->expires_us = touched->expires_at;
	return db_result(r, tx, e);
}

struct credential_owner
principal_owner(const struct principal *principal)
{
	struct credential_owner owner = {
		.is_known = true,
		.user = principal->tenant.user,
	};

	if (principal->kind == CREDENTIAL_KEY)
		owner.key = principal->id;
	return owner;
}

/* Signs the user up if this is the first token. */
static enum err
find_or_sign_up(struct req *r, struct credential *c,
    struct principal_find_row **row)
{
	enum err e = find(r, c, row);

	if (e != OK || *row || c->kind != CREDENTIAL_TOKEN)
		return e;
	e = token_signup(r, c);
	return e == OK ? find(r, c, row) : e;
}

enum err
principal_look_up(struct req *r, struct credential *c,
    struct revocation_stamp stamp, struct principal **principal)
{
	struct principal fresh = { .kind = c->kind, .stamp = stamp };
	struct principal_find_row *row = NULL;
	enum err e;

	fresh.looked_up_ns = clock_mono_ns();
	e = find_or_sign_up(r, c, &row);
	if (e != OK)
		return e;
	if (!row) {
		unknown_cache_add(c);
		return fail(r, E_UNAUTHORIZED, "an unknown credential");
	}
	memcpy(fresh.credential, c->id, sizeof(c->id));
	fill(&fresh, row);
	c->owner = principal_owner(&fresh);
	if (refusal_of(row))
		return fail_saying(r, E_UNAUTHORIZED, refusal_of(row));
	if (!row->is_ready && c->kind == CREDENTIAL_TOKEN)
		e = signup_complete(r->service, r->mem, row->user_id);
	if (e != OK)
		return fail(r, e, "the signup is not complete");
	if (row->is_stale)
		e = extend_session(r, &fresh);
	if (e != OK)
		return e;
	*principal = principal_cache_put(&fresh);
	return OK;
}
