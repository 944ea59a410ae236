/*
 * Sessions as JSON.
 */
#include "fcgi/identity/session.h"

#include "lib/json/member.h"
#include "stmts/identity.h"

void
session_json(struct buf *b, const struct session_list_row *row,
    const struct principal *principal)
{
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
}
