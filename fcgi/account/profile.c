/*
 * A user, a credential and the audit log as JSON.
 */
#include "fcgi/account/profile.h"

#include "lib/json/member.h"
#include "stmts/account.h"

enum err
profile_read_errors(struct req *r, struct uuid user, int64_t errors,
    struct user_profile_row **rows, size_t *n)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = user_profile(tx, user, errors, rows, n);

	if (e != OK)
		return db_result(r, tx, e);
	return *n ? OK : fail(r, E_UNAUTHORIZED, "the user was deleted");
}

enum err
profile_read(struct req *r, struct uuid user, struct user_profile_row **row)
{
	size_t n;

	return profile_read_errors(r, user, 0, row, &n);
}

void
profile_json(struct buf *b, struct uuid user,
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
profile_credential_json(struct buf *b, const struct principal *p,
    enum mode mode)
{
	member_text(b, "kind", str_of(kind_name(p->kind)));
	member_text(b, "mode", str_of(mode_name(mode)));
	member(b, "scopes");
	buf_scopes(b, p->scopes);
	member_time(b, "expires_at",
	    (struct opt_int64){ p->expires_us != 0, p->expires_us });
}

static struct page_mark
write_audit(struct req *r, struct buf *b, const void *item)
{
	const struct audit_list_row *row = item;

	(void)r;
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
	return (struct page_mark){ row->at, row->audit_id };
}

static enum err
read_audit(struct req *r, struct db_tx *tx, const struct page *page,
    struct list_rows *to)
{
	struct audit_list_row *rows = NULL;
	enum err e = audit_list(tx, r->principal->tenant.user, page->at,
	    page->id, page->limit, &rows, &to->n);

	to->items = rows;
	return db_result(r, tx, e);
}

const struct list list_of_audit = {
	.row_size = sizeof(struct audit_list_row),
	.read = read_audit,
	.item = write_audit,
};
