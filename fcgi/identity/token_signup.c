/*
 * The user's row and its line of the audit log are one transaction.
 */
#include "fcgi/identity/token_signup.h"

#include "fcgi/identity/audit.h"
#include "stmts/identity.h"

enum { TRIES = 3 };

struct job {
	struct req *r;
	const struct credential *c;
	const char *details;
};

static enum err
work(struct db_tx *tx, void *context)
{
	const struct job *job = context;
	struct user_add_by_token_row *row = NULL;
	enum err e = user_add_by_token(tx, job->c->issuer, job->c->subject,
	    job->c->email, &row);

	if (e != OK || !row)
		return e;
	return audit_note(tx, job->r,
	    &(struct audit){
		.event = AUDIT_ACCOUNT_CREATED,
		.user = { true, row->user_id },
		.details = job->details,
	    });
}

enum err
token_signup(struct req *r, const struct credential *c)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct buf b;

	buf_init(&b, r->mem);
	buf_puts(&b, "{\"issuer\":");
	buf_json(&b, c->issuer);
	buf_puts(&b, "}");
	buf_putc(&b, '\0');
	if (b.failed)
		return fail(r, E_TOO_LARGE, "no memory");
	return db_result(r, tx,
	    db_transact(tx, TRIES, work, &(struct job){ r, c, b.p }));
}
