/*
 * Deleting an account. First its credentials are refused; then the steps of the
 * signup are undone, the schemas last; then the user's row is deleted, and with
 * it all rows that refer to it. Each part may run again.
 */
#include "fcgi/account/account_deletion.h"

#include "fcgi/identity/audit.h"
#include "fcgi/identity/credential_change.h"
#include "fcgi/identity/signup.h"
#include "lib/json/member.h"
#include "lib/os/log.h"
#include "stmts/account.h"
#include "stmts/db.h"

enum { PAGE = 100 };

static enum err
survey_schema(struct db *db, struct arena *mem, enum mode mode,
    struct uuid user, struct account_deletion_schema *to, const char **why)
{
	struct tenant_facts_row *row = NULL;
	struct db_tx *tx = db_open(db, mem, mode);
	enum err e = tenant_facts(tx, user, &row);

	if (e != OK)
		*why = db_trouble(tx);
	else if (row)
		*to = (struct account_deletion_schema){ true, row->relations,
			row->bytes };
	return e;
}

enum err
account_deletion_survey(struct db *db, struct arena *mem, struct uuid user,
    struct account_deletion *what, const char **why)
{
	struct user_row_counts_row *row = NULL;
	struct db_tx *tx = db_open(db, mem, MODE_LIVE);
	enum err e = user_row_counts(tx, user, &row);

	*what = (struct account_deletion){ 0 };
	if (e != OK) {
		*why = db_trouble(tx);
		return e;
	}
	what->keys = row->keys;
	what->sessions = row->sessions;
	what->audit_rows = row->audit_rows;
	for (enum mode m = 0; m < MODE_COUNT && e == OK; m++)
		e = survey_schema(db, mem, m, user, &what->schema[m], why);
	return e;
}

void
account_deletion_json(struct buf *b, const struct account_deletion *what)
{
	member_int(b, "keys", what->keys);
	member_int(b, "sessions", what->sessions);
	member_int(b, "audit_rows", what->audit_rows);
	for (enum mode m = 0; m < MODE_COUNT; m++) {
		const struct account_deletion_schema *s = &what->schema[m];

		member(b, mode_name(m));
		buf_puts(b, s->is ? "{" : "null");
		if (!s->is)
			continue;
		member_int(b, "tables", s->tables);
		member_int(b, "bytes", s->bytes);
		buf_putc(b, '}');
	}
}

static enum err
mark_leaving(struct db_tx *tx, struct credential_change *change)
{
	const struct uuid *user = change->context;
	struct user_leave_row *left;
	enum err e = credential_change_of_user(tx, *user, change);

	return e == OK ? user_leave(tx, *user, &left) : e;
}

enum err
account_deletion_begin(struct db *db, struct arena *mem, struct uuid user,
    const char **why)
{
	return credential_change_transact(db, mem, mark_leaving, &user, why);
}

static enum err
remove_row(struct db_tx *tx, void *user)
{
	int64_t removed = 0;
	enum err e =
	    user_delete_leaving(tx, *(const struct uuid *)user, &removed);

	return e == OK && removed
	    ? audit_note_operator(tx,
		  &(struct audit){ .event = AUDIT_ACCOUNT_DELETED })
	    : e;
}

enum err
account_deletion_finish(const struct service *service, struct arena *mem,
    struct uuid user, const char **why)
{
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	enum err e = signup_undo(service, mem, user, why);

	if (e != OK)
		return e;
	e = db_transact(tx, 1, remove_row, &user);
	if (e != OK)
		*why = db_trouble(tx);
	return e;
}

void
account_deletion_resume(const struct service *service, struct arena *mem)
{
	struct user_list_leaving_row *rows = NULL;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	const char *why = "";
	size_t n = 0, failed = 0;

	if (user_list_leaving(tx, PAGE, &rows, &n) != OK)
		return;
	for (size_t i = 0; i < n; i++)
		failed += account_deletion_finish(service, mem, rows[i].user_id,
			      &why) != OK;
	if (n)
		log_event(failed ? LOG_WARN : LOG_INFO, "accounts_removed",
		    "%zu of %zu are removed%s%s", n - failed, n,
		    failed ? "; the last error: " : "", why);
}
