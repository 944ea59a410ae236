/*
 * Sessions. Ending one takes effect on every host before the answer is sent.
 */
#include "fcgi/signin/session.h"

#include "fcgi/http/resp.h"
#include "fcgi/identity/audit.h"
#include "fcgi/identity/cookie.h"
#include "fcgi/identity/credential_change.h"
#include "fcgi/identity/public_url.h"
#include "fcgi/identity/session.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "stmts/identity.h"
#include "stmts/signin.h"

enum err
session_open(struct db_tx *tx, const struct req *r, struct uuid user,
    const char *kind, struct session *session)
{
	struct audit audit = {
		.event = AUDIT_SIGNED_IN,
		.user = { true, user },
		.details = strcmp(kind, "device") == 0 ? "{\"by\":\"device\"}"
						       : "{\"by\":\"github\"}",
	};
	uint8_t digest[CRYPT_SHA256];
	struct session_add_row *row;
	struct user_lock_row *held;
	enum err e;

	if (!session_make(session->token) ||
	    !crypt_sha256(session_token(session), digest))
		return E_INTERNAL;
	e = user_lock(tx, user, &held);
	if (e != OK)
		return e;
	e = session_add(tx, user,
	    (struct str){ (char *)digest, sizeof(digest) }, str_of(kind),
	    public_url_visitor(r), r->client, &row);
	if (e != OK)
		return e;
	session->id = row->session_id;
	session->expires_at = row->expires_at;
	audit.about = (struct opt_uuid){ true, row->session_id };
	return audit_note(tx, r, &audit);
}

struct str
session_token(const struct session *session)
{
	return (struct str){ session->token, SESSION_TEXT };
}

/* --- JSON ----------------------------------------------------------------- */

/* Only requests by cookie need a CSRF token. */
static enum err
put_token(struct req *r, struct buf *b)
{
	char token[COOKIE_TOKEN];

	buf_puts(b, ",\"csrf_token\":");
	if (!r->principal->by_cookie) {
		buf_puts(b, "null}\n");
		return OK;
	}
	if (!cookie_token(cookie_find(r, COOKIE_SESSION), token))
		return fail(r, E_INTERNAL, "no digest");
	buf_json(b, (struct str){ token, sizeof(token) });
	buf_puts(b, "}\n");
	return OK;
}

enum err
session_show(struct req *r)
{
	struct session_user_row *row = NULL;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct buf *b;
	enum err e = session_user(tx, r->principal->tenant.user, &row);

	if (e != OK)
		return db_result(r, tx, e);
	b = resp_body(r, 200);
	buf_puts(b, "{\"user\":{\"id\":");
	buf_uuid(b, r->principal->tenant.user);
	member_text(b, "name", row->name);
	member_text(b, "email", row->email);
	member_text(b, "avatar_url", row->avatar_url);
	buf_puts(b, "},\"plan\":");
	buf_json(b, str_of(r->principal->plan.id));
	buf_printf(b, ",\"mode\":\"%s\"", mode_name(r->principal->mode));
	member_time(b, "expires_at",
	    (struct opt_int64){ true, r->principal->expires_us });
	return put_token(r, b);
}

enum err
session_show_all(struct req *r)
{
	return list_answer(r, &list_of_sessions);
}

/* --- Ending --------------------------------------------------------------- */

struct ending {
	const struct req *r;
	struct uuid id;
	enum audit_event event;
};

static enum err
end(struct db_tx *tx, struct credential_change *change)
{
	const struct ending *ending = change->context;
	struct audit audit = {
		.event = ending->event,
		.user = { true, ending->r->principal->tenant.user },
		.about = { true, ending->id },
	};
	struct session_revoke_row *row = NULL;
	enum err e = session_revoke(tx, ending->r->principal->tenant.user,
	    ending->id, &row);

	if (e != OK)
		return e;
	if (!row)
		return E_NOT_FOUND;
	credential_change_of(change, row->hash);
	return audit_note(tx, ending->r, &audit);
}

static enum err
end_one(struct req *r, struct uuid id, enum audit_event event)
{
	struct ending ending = { r, id, event };
	const char *why = "";
	enum err e = credential_change_transact(r->service->db, r->mem, end,
	    &ending, &why);

	if (e != OK)
		return fail(r, e, "%s", why);
	resp_empty(r, 204);
	return OK;
}

enum err
session_end(struct req *r)
{
	struct uuid id;

	if (!uuid_of(r->params[0], &id))
		return fail(r, E_NOT_FOUND, "a malformed id");
	return end_one(r, id, AUDIT_SESSION_REVOKED);
}

enum err
session_sign_out(struct req *r)
{
	if (r->principal->kind != CREDENTIAL_SESSION)
		return fail_saying(r, E_BAD_REQUEST,
		    "Only a session can be signed out.");
	cookie_set(r, COOKIE_SESSION, STR(""), 0);
	return end_one(r, r->principal->id, AUDIT_SIGNED_OUT);
}

/* --- The chore ------------------------------------------------------------ */

/* Deletes in batches, so that no statement takes long. */
void
session_sweep(const struct service *service, struct arena *mem)
{
	enum { PART = 1000 };
	static enum err (*const sweeps[])(struct db_tx *, int64_t,
	    int64_t *) = { sign_in_delete_old, session_delete_old,
		device_delete_old };
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);

	for (size_t i = 0; i < ARRAY_LEN(sweeps); i++)
		if (sweeps[i](tx, PART, NULL) != OK)
			log_event(LOG_WARN, "sessions_kept", "%s",
			    db_trouble(tx));
}
