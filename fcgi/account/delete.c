/*
 * Deleting one's own account. Confirm by repeating the user id.
 */
#include "fcgi/account/handlers.h"

#include "fcgi/account/account_deletion.h"
#include "fcgi/http/body.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "lib/json/member.h"

static const struct bind_field delete_fields[] = {
	{ "confirm", BIND_TEXT, true, .min = 1, .max = 64 },
};

static enum err
check(struct req *r)
{
	struct str confirm;
	struct uuid id;
	enum err e;

	if (r->principal->mode == MODE_TEST)
		return fail_saying(r, E_FORBIDDEN,
		    "An account cannot be deleted in test mode.");
	e = body_bind(r, delete_fields, ARRAY_LEN(delete_fields), &confirm);
	if (e != OK)
		return e;
	if (!uuid_of(confirm, &id) || !uuid_eq(id, r->principal->tenant.user))
		return fail_field(r, E_BAD_REQUEST, "confirm",
		    "must be the id of your user");
	return OK;
}

/* The credentials are refused immediately; the janitor deletes the rest. */
enum err
account_delete_me(struct req *r)
{
	struct db *db = r->service->db;
	const struct uuid user = r->principal->tenant.user;
	struct account_deletion what;
	const char *why = "";
	struct buf *b;
	enum err e = check(r);

	if (e != OK)
		return e;
	e = account_deletion_survey(db, r->mem, user, &what, &why);
	if (e == OK)
		e = account_deletion_begin(db, r->mem, user, &why);
	if (e != OK)
		return fail(r, e, "%s", why);
	b = resp_body(r, 202);
	buf_putc(b, '{');
	member_uuid(b, "id", (struct opt_uuid){ true, user });
	member(b, "removed");
	buf_putc(b, '{');
	account_deletion_json(b, &what);
	buf_puts(b, "}}\n");
	return OK;
}
