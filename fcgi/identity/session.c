/*
 * Sessions as JSON.
 */
#include "fcgi/identity/session.h"

#include "fcgi/identity/principal.h"
#include "lib/json/member.h"
#include "stmts/identity.h"

static struct page_mark
write_session(struct req *r, struct buf *b, const void *item)
{
	const struct session_list_row *row = item;
	const struct principal *principal = r->principal;

	buf_putc(b, '{');
	member_uuid(b, "id", (struct opt_uuid){ true, row->session_id });
	member_text(b, "kind", row->kind);
	member_bool(b, "current",
	    principal->kind == CREDENTIAL_SESSION &&
		uuid_eq(principal->id, row->session_id));
	member_text(b, "user_agent", row->user_agent);
	member_text(b, "address", row->address);
	member_time(b, "created_at",
	    (struct opt_int64){ true, row->created_at });
	member_time(b, "seen_at", (struct opt_int64){ true, row->seen_at });
	member_time(b, "expires_at",
	    (struct opt_int64){ true, row->expires_at });
	member_time(b, "ends_at", (struct opt_int64){ true, row->ends_at });
	buf_putc(b, '}');
	return (struct page_mark){ row->created_at, row->session_id };
}

static enum err
read_sessions(struct req *r, struct db_tx *tx, const struct page *page,
    struct list_rows *to)
{
	struct session_list_row *rows = NULL;
	enum err e = session_list(tx, r->principal->tenant.user, page->at,
	    page->id, page->limit, &rows, &to->n);

	to->items = rows;
	return db_result(r, tx, e);
}

const struct list list_of_sessions = {
	.row_size = sizeof(struct session_list_row),
	.read = read_sessions,
	.item = write_session,
};
