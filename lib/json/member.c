/*
 * A member is the first one of its object if the text so far ends in "{".
 */
#include "lib/json/member.h"

#include "lib/os/clock.h"

void
member(struct buf *b, const char *name)
{
	bool is_first = b->n && b->p[b->n - 1] == '{';

	buf_printf(b, "%s\"%s\":", is_first ? "" : ",", name);
}

void
member_text(struct buf *b, const char *name, struct str text)
{
	member(b, name);
	if (text.p)
		buf_json(b, text);
	else
		buf_puts(b, "null");
}

void
member_time(struct buf *b, const char *name, struct opt_int64 at)
{
	member(b, name);
	if (at.is)
		buf_time(b, at.v);
	else
		buf_puts(b, "null");
}

void
member_uuid(struct buf *b, const char *name, struct opt_uuid id)
{
	member(b, name);
	if (id.is)
		buf_uuid(b, id.v);
	else
		buf_puts(b, "null");
}

void
member_int(struct buf *b, const char *name, int64_t n)
{
	member(b, name);
	buf_printf(b, "%lld", (long long)n);
}

void
member_bool(struct buf *b, const char *name, bool is)
{
	member(b, name);
	buf_puts(b, is ? "true" : "false");
}
