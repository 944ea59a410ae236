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
#include "stmts.h"

enum { WAYS = 4, SETS = CALLERS_MAX / WAYS };

#define REMEMBERED_NS (60 * NS_PER_S)

static struct caller remembered[SETS][WAYS];

static struct caller *
set_of(const uint8_t id[CRYPT_SHA256])
{
	return remembered[(id[0] << 8 | id[1]) % SETS];
}

/* By now it may have another end: a session's moves while it is in use. */
static bool
is_fresh(const struct caller *caller)
{
	return clock_mono_ns() - caller->looked_up_ns < REMEMBERED_NS &&
	    !(caller->expires_us && caller->expires_us <= clock_wall_us());
}

static struct caller *
recall(enum credential_kind kind, const uint8_t id[CRYPT_SHA256])
{
	struct caller *set = set_of(id);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].kind == kind &&
		    memcmp(set[i].credential, id, CRYPT_SHA256) == 0)
			return is_fresh(&set[i]) ? &set[i] : NULL;
	return NULL;
}

const struct caller *
caller_recall(const struct credential *c)
{
	return recall(c->kind, c->id);
}

void
caller_set_epoch(const struct caller *caller, struct epoch epoch)
{
	struct caller *own = recall(caller->kind, caller->credential);

	if (own)
		own->epoch = epoch;
}

void
caller_add_use(const struct caller *caller, int64_t credits)
{
	struct caller *own = recall(caller->kind, caller->credential);

	if (own)
		own->used_credits += credits;
}

/* Its own place if it has one, else that of the oldest. */
static struct caller *
place_for(const struct caller *caller)
{
	struct caller *set = set_of(caller->credential), *best = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (memcmp(set[i].credential, caller->credential,
			sizeof(caller->credential)) == 0)
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
fill(struct caller *to, const struct caller_find_row *row)
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
objection(const struct caller_find_row *row)
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
find(struct req *r, const struct credential *c, struct caller_find_row **row)
{
	struct str hash = { (const char *)c->id, sizeof(c->id) };
	struct base_tx *tx = NULL;
	enum err e = base_open(r->service->bases, r->mem, MODE_LIVE, &tx);

	if (e == OK)
		e = caller_find(tx, hash, c->issuer, c->subject,
		    clock_day(clock_wall_us()), row);
	return e == OK ? OK : fail(r, e, "%s", base_trouble(tx));
}

/* That it is in use is noted once a minute, and keeps it alive. */
static enum err
touch(struct req *r, struct caller *session)
{
	struct session_touch_row *touched = NULL;
	struct base_tx *tx = NULL;
	enum err e = base_open(r->service->bases, r->mem, MODE_LIVE, &tx);

	if (e == OK)
		e = session_touch(tx, session->id, &touched);
	if (touched)
		session->expires_us = touched->expires_at;
	return e == OK ? OK : fail(r, e, "%s", base_trouble(tx));
}

void
caller_show(struct req *r, const struct credential *c,
    const struct caller *caller)
{
	struct bearer *bearer = arena_alloc(r->mem, sizeof(*bearer));

	if (!bearer)
		return;
	bearer->user = caller->tenant.user;
	bearer->mode = c->mode;
	if (caller->kind == CREDENTIAL_KEY)
		bearer->key = caller->id;
	r->bearer = bearer;
}

enum err
caller_look_up(struct req *r, const struct credential *c, struct epoch epoch,
    const struct caller **caller)
{
	struct caller fresh = { .kind = c->kind, .epoch = epoch };
	struct caller_find_row *row = NULL;
	enum err e;

	fresh.looked_up_ns = clock_mono_ns();
	e = find(r, c, &row);
	if (e == OK && !row && c->kind == CREDENTIAL_TOKEN) {
		e = newcomer_add(r, c);
		if (e == OK)
			e = find(r, c, &row);
	}
	if (e != OK)
		return e;
	if (!row) {
		stranger_note(c);
		return fail(r, E_UNAUTHORIZED, "an unknown credential");
	}
	memcpy(fresh.credential, c->id, sizeof(c->id));
	fill(&fresh, row);
	caller_show(r, c, &fresh);
	if (objection(row))
		return fail_saying(r, E_UNAUTHORIZED, objection(row));
	if (!row->is_ready && c->kind == CREDENTIAL_TOKEN)
		e = signup_complete(r->service->bases, r->mem, row->user_id);
	if (e != OK)
		return fail(r, e, "the signup is not complete");
	if (row->is_stale)
		e = touch(r, &fresh);
	if (e != OK)
		return e;
	*place_for(&fresh) = fresh;
	*caller = caller_recall(c);
	return OK;
}

static bool
has_scopes(const struct caller *caller, unsigned need)
{
	return !((need & NEED_READ && !(caller->scopes & SCOPE_READ)) ||
	    (need & NEED_WRITE && !(caller->scopes & SCOPE_WRITE)) ||
	    (need & NEED_ADMIN && !(caller->scopes & SCOPE_ADMIN)));
}

enum err
caller_admit(struct req *r, const struct credential *c,
    const struct caller *caller)
{
	struct caller *mine;
	/* What is remembered of a person outlives each of the tokens. */
	int64_t end =
	    c->kind == CREDENTIAL_TOKEN ? c->expires_us : caller->expires_us;

	if (end && end <= clock_wall_us())
		return fail_saying(r, E_UNAUTHORIZED,
		    "This credential has expired.");
	if (!has_scopes(caller, r->route->need))
		return fail(r, E_FORBIDDEN, "a scope is missing");
	if (r->route->need & NEED_PERSON && caller->kind == CREDENTIAL_KEY)
		return fail_saying(r, E_FORBIDDEN,
		    "This needs a signed-in person; a key may not do it.");
	mine = (void *)arena_copy(r->mem, caller, sizeof(*caller));
	if (!mine)
		return fail(r, E_TOO_LARGE, "no memory");
	mine->mode = c->mode;
	mine->by_cookie = c->by_cookie;
	mine->expires_us = end;
	r->caller = mine;
	r->tenant = &mine->tenant;
	return OK;
}
