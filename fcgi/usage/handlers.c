/*
 * The handlers that report usage and recent errors.
 */
#include "fcgi/usage/handlers.h"

#include "fcgi/gate/recent_errors.h"
#include "fcgi/http/resp.h"
#include "fcgi/meter/usage.h"
#include "lib/os/clock.h"
#include "stmts/meter.h"

/* The account's use of `days` days, up to today. */
static enum err
read_usage(struct req *r, int32_t today, int32_t days, bool by_key,
    struct usage_list_row **rows, size_t *n)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);

	return db_result(r, tx,
	    usage_list(tx, r->principal->tenant.user, today - days + 1, today,
		by_key, rows, n));
}

static void
write_key(struct buf *b, const struct usage_list_row *row)
{
	buf_puts(b, "{\"id\":");
	if (row->api_key_id.is)
		buf_uuid(b, row->api_key_id.v);
	else
		buf_puts(b, "null");
	buf_puts(b, ",\"label\":");
	if (row->label.p)
		buf_json(b, row->label);
	else
		buf_puts(b, "null");
	buf_printf(b, ",\"mode\":\"%.*s\",\"requests\":%lld,\"credits\":%lld}",
	    STR_ARGS(row->mode), (long long)row->requests,
	    (long long)row->credits);
}

/* The counts of one mode as a member. */
static void
write_mode(struct buf *b, enum mode mode, const struct usage_list_row *sum)
{
	buf_printf(b, ",\"%s\":{", mode_name(mode));
	usage_counts(b, sum);
	buf_putc(b, '}');
}

enum err
usage_get_today(struct req *r)
{
	struct usage_list_row sums[MODE_COUNT] = { 0 }, *rows = NULL;
	int32_t today = clock_day(clock_wall_us());
	const char *between = "";
	struct buf *b;
	size_t n = 0;
	enum err e = read_usage(r, today, 1, true, &rows, &n);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++)
		usage_add(&sums[mode_named(rows[i].mode)], &rows[i]);
	b = resp_body(r, 200);
	buf_putc(b, '{');
	usage_allowance(b, &r->principal->plan, today, sums[MODE_LIVE].credits);
	for (enum mode m = MODE_LIVE; m < MODE_COUNT; m++)
		write_mode(b, m, &sums[m]);
	buf_puts(b, ",\"keys\":[");
	for (size_t i = 0; i < n; i++) {
		if (rows[i].requests == 0)
			continue;
		buf_puts(b, between);
		write_key(b, &rows[i]);
		between = ",";
	}
	buf_puts(b, "]}\n");
	return OK;
}

enum err
usage_get_history(struct req *r)
{
	struct usage_list_row *rows = NULL;
	uint64_t days = USAGE_DAYS_USUAL;
	struct str text;
	struct buf *b;
	size_t n = 0;
	enum err e = req_query(r, "days", &text);

	if (e != OK)
		return e;
	if (text.p &&
	    (!str_to_u64(text, &days) || days < 1 || days > USAGE_DAYS))
		return fail_field(r, E_BAD_REQUEST, "days", "must be 1 to 365");
	e = read_usage(r, clock_day(clock_wall_us()), (int32_t)days, false,
	    &rows, &n);
	if (e != OK)
		return e;
	b = resp_body(r, 200);
	buf_puts(b, "{\"items\":[");
	usage_days(b, rows, n);
	buf_puts(b, "],\"next_cursor\":null}\n");
	return OK;
}

enum err
usage_get_errors(struct req *r)
{
	return list_answer(r, &list_of_errors);
}
