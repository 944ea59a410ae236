/*
 * The export: all that is stored about an account, except its values, as one
 * JSON object that is sent while it is read. Keys come without their digests.
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
#include "stmts/meter.h"

struct export
{
	struct req *r;
	struct arena *mem; /* of one page */
	struct db_tx *tx;
	struct buf b;
};

/* Sends what is written so far, and frees the memory of the page. */
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

static enum err
write_list(struct export *x, const char *name, const struct list *list)
{
	struct page page = { .limit = PAGE_MAX };
	struct list_rows rows;
	const char *between = "";
	enum err e;

	buf_printf(&x->b, ",\n\"%s\":[", name);
	do {
		const char *row;

		e = list->read(x->r, x->tx, &page, &rows);
		if (e != OK)
			return e;
		row = rows.items;
		for (size_t i = 0; i < rows.n; i++, row += list->row_size) {
			struct page_mark mark;

			buf_puts(&x->b, between);
			mark = list->item(x->r, &x->b, row);
			page.at = (struct opt_int64){ true, mark.at };
			page.id = (struct opt_uuid){ true, mark.id };
			between = ",\n";
		}
		e = send(x);
	} while (e == OK && rows.n == PAGE_MAX);
	buf_putc(&x->b, ']');
	return e;
}

/* All days in one statement. */
static enum err
write_usage(struct export *x)
{
	int32_t today = clock_day(clock_wall_us());
	struct usage_list_row *rows = NULL;
	size_t n = 0;
	enum err e = usage_list(x->tx, x->r->principal->tenant.user,
	    today - USAGE_DAYS + 1, today, false, &rows, &n);

	if (e != OK)
		return db_result(x->r, x->tx, e);
	buf_puts(&x->b, ",\n\"usage\":[");
	usage_days(&x->b, rows, n);
	buf_putc(&x->b, ']');
	return send(x);
}

static enum err
write_all(struct export *x)
{
	enum err e = send(x);

	if (e == OK)
		e = write_list(x, "keys", &list_of_keys);
	if (e == OK)
		e = write_list(x, "sessions", &list_of_sessions);
	if (e == OK)
		e = write_usage(x);
	if (e == OK)
		e = write_list(x, "recent_errors", &list_of_errors);
	if (e == OK)
		e = write_list(x, "audit", &list_of_audit);
	buf_puts(&x->b, "}\n");
	return e == OK ? send(x) : e;
}

static enum err
add_to_audit(struct req *r)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);

	return db_result(r, tx,
	    audit_note(tx, r,
		&(struct audit){ .event = AUDIT_ACCOUNT_EXPORTED,
		    .user = { true, r->principal->tenant.user } }));
}

/* Their content has an export of its own. */
static void
write_databases(struct export *x)
{
	const int64_t *bytes = x->r->principal->database_bytes;

	buf_printf(&x->b, ",\n\"databases\":{\"live\":%lld,\"test\":%lld}",
	    (long long)bytes[MODE_LIVE], (long long)bytes[MODE_TEST]);
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
		e = add_to_audit(r);
	if (e != OK)
		return e;
	buf_init(&x.b, x.mem);
	buf_puts(&x.b, "{\"exported_at\":");
	buf_time(&x.b, clock_wall_us());
	buf_puts(&x.b, ",\n\"user\":");
	profile_json(&x.b, r->principal->tenant.user, row);
	buf_puts(&x.b, ",\n\"plan\":");
	plan_json_of(&x.b, &r->principal->plan);
	write_databases(&x);
	return resp_begin(r, "application/json; charset=utf-8")
	    ? write_all(&x)
	    : fail(r, E_INTERNAL, "the client left");
}
