/*
 * All that is kept about an account outside its store, as one JSON object that
 * is sent while it is read. Keys come without their digests.
 */
#include "fcgi/account/handlers.h"

#include "fcgi/account/plan.h"
#include "fcgi/account/profile.h"
#include "fcgi/gate/recent_errors.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/audit.h"
#include "fcgi/identity/key.h"
#include "fcgi/identity/session.h"
#include "fcgi/meter/usage.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/account.h"
#include "stmts/gate.h"
#include "stmts/identity.h"
#include "stmts/meter.h"

enum { PAGE = 1000 };

struct export
{
	struct req *r;
	struct arena *mem; /* of one page */
	struct db_tx *tx;
	struct buf b;
	struct opt_int64 at; /* the next page is behind these */
	struct opt_uuid id;
	bool is_first;
};

/* What is written so far goes out, and the page's memory with it. */
static enum err
send(struct export *x)
{
	bool sent = !x->b.failed && resp_write(x->r, buf_view(&x->b)) &&
	    resp_flush(x->r);

	if (!sent)
		return fail(x->r, E_INTERNAL, "the client left, or no memory");
	arena_reset(x->mem);
	buf_init(&x->b, x->mem);
	x->tx = db_open(x->r->service->db, x->mem, MODE_LIVE);
	return OK;
}

static void
begin_item(struct export *x, int64_t at, struct uuid id)
{
	buf_puts(&x->b, x->is_first ? "" : ",\n");
	x->is_first = false;
	x->at = (struct opt_int64){ true, at };
	x->id = (struct opt_uuid){ true, id };
}

static enum err
keys_page(struct export *x, size_t *n)
{
	struct key_list_row *rows = NULL;
	enum err e = key_list(x->tx, x->r->principal->tenant.user,
	    (struct opt_uuid){ 0 }, (struct str){ 0 }, (struct opt_bool){ 0 },
	    x->at, x->id, PAGE, &rows, n);

	for (size_t i = 0; e == OK && i < *n; i++) {
		begin_item(x, rows[i].created_at, rows[i].key_id);
		key_json(&x->b, &rows[i], NULL);
	}
	return e;
}

static enum err
sessions_page(struct export *x, size_t *n)
{
	struct session_list_row *rows = NULL;
	enum err e = session_list(x->tx, x->r->principal->tenant.user, x->at,
	    x->id, PAGE, &rows, n);

	for (size_t i = 0; e == OK && i < *n; i++) {
		begin_item(x, rows[i].created_at, rows[i].session_id);
		session_json(&x->b, &rows[i], x->r->principal);
	}
	return e;
}

static enum err
errors_page(struct export *x, size_t *n)
{
	struct error_list_row *rows = NULL;
	enum err e = error_list(x->tx, x->r->principal->tenant.user,
	    (struct str){ 0 }, x->at, x->id, PAGE, &rows, n);

	for (size_t i = 0; e == OK && i < *n; i++) {
		begin_item(x, rows[i].last_at, rows[i].error_id);
		error_json(&x->b, &ERROR_LINE(&rows[i]));
	}
	return e;
}

static enum err
audit_page(struct export *x, size_t *n)
{
	struct audit_list_row *rows = NULL;
	enum err e = audit_list(x->tx, x->r->principal->tenant.user, x->at,
	    x->id, PAGE, &rows, n);

	for (size_t i = 0; e == OK && i < *n; i++) {
		begin_item(x, rows[i].at, rows[i].audit_id);
		profile_audit_json(&x->b, &rows[i]);
	}
	return e;
}

static enum err
usage_page(struct export *x, size_t *n)
{
	int32_t today = clock_day(clock_wall_us());
	struct usage_list_row *rows = NULL;
	enum err e = usage_list(x->tx, x->r->principal->tenant.user,
	    today - USAGE_DAYS + 1, today, false, &rows, n);

	if (e == OK)
		usage_days(&x->b, rows, *n);
	*n = 0; /* all at once */
	return e;
}

static enum err
write_list(struct export *x, const char *name,
    enum err (*page)(struct export *, size_t *n))
{
	size_t n = PAGE;
	enum err e = OK;

	x->at.is = x->id.is = false;
	x->is_first = true;
	buf_printf(&x->b, ",\n\"%s\":[", name);
	while (n == PAGE && e == OK) {
		e = page(x, &n);
		if (e != OK)
			return fail(x->r, e, "%s", db_trouble(x->tx));
		e = send(x);
	}
	buf_putc(&x->b, ']');
	return e;
}

static enum err
write_all(struct export *x)
{
	static const struct {
		const char *name;
		enum err (*page)(struct export *, size_t *);
	} lists[] = {
		{ "keys", keys_page },
		{ "sessions", sessions_page },
		{ "usage", usage_page },
		{ "recent_errors", errors_page },
		{ "audit", audit_page },
	};
	enum err e = send(x);

	for (size_t i = 0; i < ARRAY_LEN(lists) && e == OK; i++)
		e = write_list(x, lists[i].name, lists[i].page);
	buf_puts(&x->b, "}\n");
	return e == OK ? send(x) : e;
}

static enum err
note(struct req *r)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);

	return db_result(r, tx,
	    audit_note(tx, r,
		&(struct audit){ .event = AUDIT_ACCOUNT_EXPORTED,
		    .user = { true, r->principal->tenant.user } }));
}

enum err
account_get_export(struct req *r)
{
	struct export x = { .r = r };
	struct user_profile_row *row;
	enum err e = profile_read(r, r->principal->tenant.user, &row);

	if (e == OK)
		e = req_scratch(r, &x.mem);
	if (e == OK)
		e = note(r);
	if (e != OK)
		return e;
	buf_init(&x.b, x.mem);
	buf_puts(&x.b, "{\"exported_at\":");
	buf_time(&x.b, clock_wall_us());
	buf_puts(&x.b, ",\n\"user\":");
	profile_json(&x.b, r->principal->tenant.user, row);
	buf_puts(&x.b, ",\n\"plan\":");
	plan_json_of(&x.b, &r->principal->plan);
	return resp_begin(r, "application/json; charset=utf-8")
	    ? write_all(&x)
	    : fail(r, E_INTERNAL, "the client left");
}
