/*
 * Callers. What a worker remembers lies in sets of a few, found by the first
 * bytes of the credential's digest, which nobody can choose; the one that was
 * looked up longest ago gives way.
 */
#include "fcgi/identity/principal.h"

#include "fcgi/identity/signup.h"
#include "fcgi/identity/token_signup.h"
#include "fcgi/identity/unknown_cache.h"
#include "lib/os/clock.h"
#include "stmts/identity.h"

enum { WAYS = 4, SETS = PRINCIPALS_MAX / WAYS };

#define REMEMBERED_NS (60 * NS_PER_S)

static struct principal remembered[SETS][WAYS];

static struct principal *
set_of(const uint8_t id[CRYPT_SHA256])
{
	return remembered[(id[0] << 8 | id[1]) % SETS];
}

/* By now it may have another end: a session's moves while it is in use. */
static bool
is_fresh(const struct principal *principal)
{
	return clock_mono_ns() - principal->looked_up_ns < REMEMBERED_NS &&
	    !(principal->expires_us &&
		principal->expires_us <= clock_wall_us());
}

static struct principal *
recall(enum credential_kind kind, const uint8_t id[CRYPT_SHA256])
{
	struct principal *set = set_of(id);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].kind == kind &&
		    memcmp(set[i].credential, id, CRYPT_SHA256) == 0)
			return is_fresh(&set[i]) ? &set[i] : NULL;
	return NULL;
}

const struct principal *
principal_recall(const struct credential *c)
{
	return recall(c->kind, c->id);
}

void
principal_set_stamp(const struct principal *principal,
    struct revocation_stamp stamp)
{
	struct principal *own = recall(principal->kind, principal->credential);

	if (own)
		own->stamp = stamp;
}

void
principal_add_use(const struct principal *principal, int64_t credits)
{
	struct principal *own = recall(principal->kind, principal->credential);

	if (own)
		own->used_credits += credits;
}

/* Its own place if it has one, else that of the oldest. */
static struct principal *
place_for(const struct principal *principal)
{
	struct principal *set = set_of(principal->credential), *best = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (memcmp(set[i].credential, principal->credential,
			sizeof(principal->credential)) == 0)
			return &set[i];
		if (set[i].looked_up_ns < best->looked_up_ns)
			best = &set[i];
	}
	return best;
}

static void
copy_text(char *to, size_t room, struct str from)
{
	size_t n = from.n < room ? from.n : room - 1;

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
	to->used_credits = row->used_credits;
	to->used_day = row->used_day;
}

/* Why one that is known may not come in; NULL where it may. */
static const char *
objection(const struct principal_find_row *row)
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

/* That it is in use is noted once a minute, and keeps it alive. */
static enum err
touch(struct req *r, struct principal *session)
{
	struct session_touch_row *touched = NULL;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = session_touch(tx, session->id, &touched);

	if (touched)
		session->expires_us = touched->expires_at;
	return db_result(r, tx, e);
}

void
principal_show(struct req *r, const struct credential *c,
    const struct principal *principal)
{
	struct bearer *bearer = arena_alloc(r->mem, sizeof(*bearer));

	if (!bearer)
		return;
	bearer->user = principal->tenant.user;
	bearer->mode = c->mode;
	if (principal->kind == CREDENTIAL_KEY)
		bearer->key = principal->id;
	r->bearer = bearer;
}

enum err
principal_look_up(struct req *r, const struct credential *c,
    struct revocation_stamp stamp, const struct principal **principal)
{
	struct principal fresh = { .kind = c->kind, .stamp = stamp };
	struct principal_find_row *row = NULL;
	enum err e;

	fresh.looked_up_ns = clock_mono_ns();
	e = find(r, c, &row);
	if (e == OK && !row && c->kind == CREDENTIAL_TOKEN) {
		e = token_signup(r, c);
		if (e == OK)
			e = find(r, c, &row);
	}
	if (e != OK)
		return e;
	if (!row) {
		unknown_cache_add(c);
		return fail(r, E_UNAUTHORIZED, "an unknown credential");
	}
	memcpy(fresh.credential, c->id, sizeof(c->id));
	fill(&fresh, row);
	principal_show(r, c, &fresh);
	if (objection(row))
		return fail_saying(r, E_UNAUTHORIZED, objection(row));
	if (!row->is_ready && c->kind == CREDENTIAL_TOKEN)
		e = signup_complete(r->service->db, r->mem, row->user_id);
	if (e != OK)
		return fail(r, e, "the signup is not complete");
	if (row->is_stale)
		e = touch(r, &fresh);
	if (e != OK)
		return e;
	*place_for(&fresh) = fresh;
	*principal = principal_recall(c);
	return OK;
}

static bool
has_scopes(const struct principal *principal, unsigned need)
{
	return !((need & NEED_READ && !(principal->scopes & SCOPE_READ)) ||
	    (need & NEED_WRITE && !(principal->scopes & SCOPE_WRITE)) ||
	    (need & NEED_ADMIN && !(principal->scopes & SCOPE_ADMIN)));
}

enum err
principal_admit(struct req *r, const struct credential *c,
    const struct principal *principal)
{
	struct principal *mine;
	/* What is remembered of a person outlives each of the tokens. */
	int64_t end =
	    c->kind == CREDENTIAL_TOKEN ? c->expires_us : principal->expires_us;

	if (end && end <= clock_wall_us())
		return fail_saying(r, E_UNAUTHORIZED,
		    "This credential has expired.");
	if (!has_scopes(principal, r->route->need))
		return fail(r, E_FORBIDDEN, "a scope is missing");
	if (r->route->need & NEED_PERSON && principal->kind == CREDENTIAL_KEY)
		return fail_saying(r, E_FORBIDDEN,
		    "This needs a signed-in person; a key may not do it.");
	mine = (void *)arena_copy(r->mem, principal, sizeof(*principal));
	if (!mine)
		return fail(r, E_TOO_LARGE, "no memory");
	mine->mode = c->mode;
	mine->by_cookie = c->by_cookie;
	mine->expires_us = end;
	r->principal = mine;
	r->tenant = &mine->tenant;
	return OK;
}
