/*
 * Newcomers: the row and its line of audit are there together, or neither is.
 */
#include "fcgi/identity/token_signup.h"

#include "fcgi/identity/audit.h"
#include "stmts.h"

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
	struct user_by_token_row *row = NULL;
	enum err e = user_by_token(tx, job->c->issuer, job->c->subject,
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
	struct db_tx *tx = NULL;
	struct buf b;
	enum err e = db_open(r->service->db, r->mem, MODE_LIVE, &tx);

	buf_init(&b, r->mem);
	buf_puts(&b, "{\"issuer\":");
	buf_json(&b, c->issuer);
	buf_puts(&b, "}");
	buf_putc(&b, '\0');
	if (e == OK && b.failed)
		e = E_TOO_LARGE;
	if (e == OK)
		e = db_transact(tx, TRIES, work, &(struct job){ r, c, b.p });
	return e == OK ? OK : fail(r, e, "%s", db_trouble(tx));
}
