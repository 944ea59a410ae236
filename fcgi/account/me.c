/*
 * A user, a credential and a line of the audit log, as JSON.
 */
#include "fcgi/account/me.h"

#include "lib/json/member.h"
#include "stmts/account.h"

enum err
me_profile_errors(struct req *r, struct uuid user, int64_t each,
    struct user_profile_row **rows, size_t *n)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = user_profile(tx, user, each, rows, n);

	if (e != OK)
		return db_result(r, tx, e);
	return *n ? OK : fail(r, E_UNAUTHORIZED, "the user is gone");
}

enum err
me_profile(struct req *r, struct uuid user, struct user_profile_row **row)
{
	size_t n;

	return me_profile_errors(r, user, 0, row, &n);
}

void
me_user_json(struct buf *b, struct uuid user,
    const struct user_profile_row *row)
{
	buf_putc(b, '{');
	member_uuid(b, "id", (struct opt_uuid){ true, user });
	member_text(b, "name", row->name);
	member_text(b, "email", row->email);
	member_text(b, "avatar_url", row->avatar_url);
	member_text(b, "kind", row->kind);
	member_text(b, "status", row->status);
	member_time(b, "created_at",
	    (struct opt_int64){ true, row->created_at });
	member_time(b, "last_login_at", row->last_login_at);
	buf_putc(b, '}');
}

static const char *
kind_name(enum credential_kind kind)
{
	return kind == CREDENTIAL_KEY    ? "key"
	    : kind == CREDENTIAL_SESSION ? "session"
					 : "token";
}

void
me_caller_json(struct buf *b, const struct principal *c, enum mode mode)
{
	member_text(b, "kind", str_of(kind_name(c->kind)));
	member_text(b, "mode", str_of(mode_name(mode)));
	member(b, "scopes");
	buf_scopes(b, c->scopes);
	member_time(b, "expires_at",
	    (struct opt_int64){ c->expires_us != 0, c->expires_us });
}

void
me_audit_json(struct buf *b, const struct audit_list_row *row)
{
	buf_putc(b, '{');
	member_uuid(b, "id", (struct opt_uuid){ true, row->audit_id });
	member_time(b, "at", (struct opt_int64){ true, row->at });
	member_text(b, "event", row->event);
	member_text(b, "mode", row->mode);
	member_text(b, "actor", row->actor);
	member_uuid(b, "actor_id", row->actor_id);
	member_uuid(b, "about_id", row->about_id);
	member_text(b, "address", row->address);
	member_text(b, "user_agent", row->user_agent);
	member(b, "details");
	buf_str(b, row->details);
	buf_putc(b, '}');
}
