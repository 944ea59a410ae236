/*
 * Plans as JSON.
 */
#include "fcgi/account/plan.h"

void
plan_json(struct buf *b, const struct plan_list_row *p)
{
	buf_puts(b, "{\"id\":");
	buf_json(b, p->plan_id);
	buf_puts(b, ",\"name\":");
	buf_json(b, p->name);
	buf_printf(b,
	    ",\"credits_per_day\":%lld,\"requests_per_minute\":%d,"
	    "\"storage_bytes\":%lld,\"streams\":%d}",
	    (long long)p->credits_per_day, p->requests_per_minute,
	    (long long)p->storage_bytes, p->streams);
}

void
plan_json_of(struct buf *b, const struct plan *p)
{
	plan_json(b,
	    &(struct plan_list_row){ .plan_id = str_of(p->id),
		.name = str_of(p->name),
		.credits_per_day = p->credits_per_day,
		.requests_per_minute = p->requests_per_minute,
		.storage_bytes = p->storage_bytes,
		.streams = p->streams });
}
