/*
 * The ledger's rows as JSON.
 */
#include "fcgi/meter/usage.h"

#include "lib/os/clock.h"
#include "stmts/meter.h"

void
usage_add(struct usage_list_row *to, const struct usage_list_row *row)
{
	to->requests += row->requests;
	to->credits += row->credits;
	to->ok += row->ok;
	to->client_error += row->client_error;
	to->server_error += row->server_error;
	to->rate_limited += row->rate_limited;
	to->quota_exceeded += row->quota_exceeded;
	to->bytes_in += row->bytes_in;
	to->bytes_out += row->bytes_out;
}

void
usage_counts(struct buf *b, const struct usage_list_row *row)
{
	buf_printf(b,
	    "\"requests\":%lld,\"credits\":%lld,\"outcomes\":{"
	    "\"ok\":%lld,\"client_error\":%lld,\"server_error\":%lld,"
	    "\"rate_limited\":%lld,\"quota_exceeded\":%lld},"
	    "\"bytes_in\":%lld,\"bytes_out\":%lld",
	    (long long)row->requests, (long long)row->credits,
	    (long long)row->ok, (long long)row->client_error,
	    (long long)row->server_error, (long long)row->rate_limited,
	    (long long)row->quota_exceeded, (long long)row->bytes_in,
	    (long long)row->bytes_out);
}

void
usage_days(struct buf *b, const struct usage_list_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, i ? ",{\"date\":" : "{\"date\":");
		buf_date(b, rows[i].day);
		buf_printf(b, ",\"mode\":\"%.*s\",", STR_ARGS(rows[i].mode));
		usage_counts(b, &rows[i]);
		buf_putc(b, '}');
	}
}

void
usage_allowance(struct buf *b, const struct plan *plan, int32_t today,
    int64_t credits)
{
	int64_t limit = plan->credits_per_day;

	buf_puts(b, "\"date\":");
	buf_date(b, today);
	buf_printf(b, ",\"credits\":%lld,\"limit\":%lld,\"remaining\":%lld",
	    (long long)credits, (long long)limit,
	    (long long)(credits < limit ? limit - credits : 0));
	buf_puts(b, ",\"resets_at\":");
	buf_time(b, clock_midnight(today + 1));
}
