/*
 * Plans as JSON.
 */
#include "fcgi/account/plan.h"

#include "lib/json/member.h"
#include "stmts/account.h"

void
plan_json(struct buf *b, const struct plan_list_row *p)
{
	buf_putc(b, '{');
	member_text(b, "id", p->plan_id);
	member_text(b, "name", p->name);
	member_int(b, "credits_per_day", p->credits_per_day);
	member_int(b, "requests_per_minute", p->requests_per_minute);
	member_int(b, "storage_bytes", p->storage_bytes);
	member_int(b, "streams", p->streams);
	buf_putc(b, '}');
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
