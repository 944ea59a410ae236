/*
 * The handlers of an account: its profile, the plans and the audit log.
 */
#include "fcgi/account/handlers.h"

#include "fcgi/account/plan.h"
#include "fcgi/account/profile.h"
#include "fcgi/gate/gate.h"
#include "fcgi/http/body.h"
#include "fcgi/http/resp.h"
#include "lib/json/member.h"
#include "stmts/account.h"

static const struct bind_field validate_fields[] = {
	{ "token", BIND_TEXT, true, .min = 1, .max = ACCOUNT_TOKEN_MAX },
};

static void
write_account(struct buf *b, const struct principal *c, enum mode mode,
    const struct user_profile_row *row)
{
	buf_puts(b, "{\"user\":");
	profile_json(b, c->tenant.user, row);
	member(b, "plan");
	plan_json_of(b, &c->plan);
	profile_credential_json(b, c, mode);
}

/*
 * Looks the credential up once, whether it is valid or not. It becomes the
 * gate's credential, so that an error is recorded for its owner.
 */
enum err
account_post_validate(struct req *r)
{
	struct credential *credential = &r->gate->credential;
	struct principal *principal = NULL;
	struct user_profile_row *row;
	struct str token;
	struct buf *b;
	enum err e =
	    body_bind(r, validate_fields, ARRAY_LEN(validate_fields), &token);

	if (e == OK)
		e = credential_of(r, token, credential);
	if (e == OK)
		e = principal_look_up(r, credential,
		    (struct revocation_stamp){ { 0 } }, &principal);
	if (e == OK)
		e = profile_read(r, principal->tenant.user, &row);
	if (e != OK)
		return e;
	b = resp_body(r, 200);
	write_account(b, principal, credential->mode, row);
	buf_puts(b, "}\n");
	return OK;
}

enum err
account_get_me(struct req *r)
{
	struct user_profile_row *row;
	struct buf *b;
	enum err e = profile_read(r, r->principal->tenant.user, &row);

	if (e != OK)
		return e;
	b = resp_body(r, 200);
	write_account(b, r->principal, r->principal->mode, row);
	buf_puts(b, "}\n");
	return OK;
}

enum err
account_get_plans(struct req *r)
{
	struct plan_list_row *rows = NULL;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct buf *b;
	size_t n = 0;
	enum err e = plan_list(tx, &rows, &n);

	if (e != OK)
		return db_result(r, tx, e);
	b = resp_body(r, 200);
	buf_puts(b, "{\"items\":[");
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i ? "," : "");
		plan_json(b, &rows[i]);
	}
	buf_puts(b, "],\"next_cursor\":null}\n");
	return OK;
}

enum err
account_get_audit(struct req *r)
{
	return list_answer(r, &list_of_audit);
}
