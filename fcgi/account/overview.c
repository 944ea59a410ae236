/*
 * Everything that the overview page of the dashboard shows, in one answer.
 */
#include "fcgi/account/handlers.h"

#include "fcgi/account/plan.h"
#include "fcgi/account/profile.h"
#include "fcgi/gate/recent_errors.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/key.h"
#include "fcgi/meter/usage.h"
#include "lib/json/member.h"
#include "lib/os/clock.h"
#include "stmts/account.h"
#include "stmts/identity.h"
#include "stmts/meter.h"

/* The history that the page shows, today included. */
enum { HISTORY_DAYS = 30 };

struct overview {
	struct req *r;
	struct user_profile_row *profile; /* a row per recent error */
	int32_t today;
	struct usage_list_row *days, sums[MODE_COUNT]; /* sums: of today */
	struct key_list_row *keys;
	size_t n_profile, n_days, n_keys;
	struct opt_int64 stored[MODE_COUNT]; /* bytes; absent: unknown */
};

static enum err
read_live(struct overview *o)
{
	struct req *r = o->r;
	const struct uuid user = r->principal->tenant.user;
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = usage_list(tx, user, o->today - HISTORY_DAYS + 1, o->today,
	    false, &o->days, &o->n_days);

	if (e == OK)
		e = key_list(tx, user, (struct opt_uuid){ 0 },
		    (struct str){ 0 }, (struct opt_bool){ true, false },
		    (struct opt_int64){ 0 }, (struct opt_uuid){ 0 }, KEYS_MAX,
		    &o->keys, &o->n_keys);
	if (e != OK)
		return db_result(r, tx, e);
	for (size_t i = 0; i < o->n_days; i++)
		if (o->days[i].day == o->today)
			usage_add(&o->sums[mode_named(o->days[i].mode)],
			    &o->days[i]);
	return OK;
}

/* If a database is down, its size is unknown; the rest is still answered. */
static void
read_stored(struct overview *o)
{
	struct req *r = o->r;

	for (enum mode m = 0; m < MODE_COUNT; m++) {
		struct store_size_row *row = NULL;
		struct tenant_tx *tx = NULL;

		if (tenant_begin(r, &r->principal->tenant, m, &tx) == OK &&
		    store_size(tx, &row) == OK)
			o->stored[m] = (struct opt_int64){ true, row->bytes };
	}
}

/* --- JSON ----------------------------------------------------------------- */

static void
write_usage(struct buf *b, const struct overview *o)
{
	member(b, "usage");
	buf_puts(b, "{\"today\":{");
	usage_allowance(b, &o->r->principal->plan, o->today,
	    o->sums[MODE_LIVE].credits);
	for (enum mode m = 0; m < MODE_COUNT; m++) {
		member(b, mode_name(m));
		buf_putc(b, '{');
		usage_counts(b, &o->sums[m]);
		buf_putc(b, '}');
	}
	buf_puts(b, "},\"history\":[");
	usage_days(b, o->days, o->n_days);
	buf_puts(b, "]}");
}

static void
write_keys(struct buf *b, const struct overview *o)
{
	member(b, "keys");
	buf_putc(b, '[');
	for (size_t i = 0; i < o->n_keys; i++) {
		buf_puts(b, i ? "," : "");
		key_json(b, &o->keys[i], NULL);
	}
	buf_putc(b, ']');
}

/* Of the key-value store and the user database. */
static int64_t
used_storage(const struct overview *o, enum mode mode)
{
	return o->stored[mode].v +
	    principal_database_bytes(o->r->principal, mode);
}

static void
write_storage(struct buf *b, const struct overview *o)
{
	member(b, "storage");
	buf_putc(b, '{');
	member_int(b, "limit", o->r->principal->plan.storage_bytes);
	for (enum mode m = 0; m < MODE_COUNT; m++) {
		member(b, mode_name(m));
		if (o->stored[m].is)
			buf_printf(b, "%lld", (long long)used_storage(o, m));
		else
			buf_puts(b, "null");
	}
	buf_putc(b, '}');
}

/* Writes a warning if at least 80 % of the limit is used. */
static void
write_warning(struct buf *b, const char *what, int64_t used, int64_t limit)
{
	if (limit - used > limit / 5)
		return;
	if (b->p[b->n - 1] != '[')
		buf_putc(b, ',');
	buf_printf(b, "{\"about\":\"%s\",\"level\":%d}", what,
	    used >= limit ? 100 : 80);
}

static void
write_warnings(struct buf *b, const struct overview *o)
{
	const struct plan *plan = &o->r->principal->plan;

	member(b, "warnings");
	buf_putc(b, '[');
	write_warning(b, "credits", o->sums[MODE_LIVE].credits,
	    plan->credits_per_day);
	for (enum mode m = 0; m < MODE_COUNT; m++)
		write_warning(b,
		    m == MODE_LIVE ? "live_storage" : "test_storage",
		    used_storage(o, m), plan->storage_bytes);
	buf_putc(b, ']');
}

static void
write_errors(struct buf *b, const struct overview *o)
{
	member(b, "recent_errors");
	buf_putc(b, '[');
	for (size_t i = 0; i < o->n_profile && o->profile[i].times; i++) {
		buf_puts(b, i ? "," : "");
		error_json(b, &ERROR_LINE(&o->profile[i]));
	}
	buf_putc(b, ']');
}

enum err
account_get_overview(struct req *r)
{
	struct overview o = { .r = r, .today = clock_day(clock_wall_us()) };
	struct buf *b;
	enum err e = profile_read_errors(r, r->principal->tenant.user,
	    ERRORS_SHOWN, &o.profile, &o.n_profile);

	if (e == OK)
		e = read_live(&o);
	if (e != OK)
		return e;
	read_stored(&o);
	b = resp_body(r, 200);
	buf_puts(b, "{\"user\":");
	profile_json(b, r->principal->tenant.user, o.profile);
	member(b, "plan");
	plan_json_of(b, &r->principal->plan);
	write_usage(b, &o);
	write_keys(b, &o);
	write_storage(b, &o);
	write_warnings(b, &o);
	write_errors(b, &o);
	buf_puts(b, "}\n");
	return OK;
}
