/*
 * Lines end with CR, LF or CRLF, and an empty line ends an event. Comments,
 * which begin with a colon, and fields other than data are ignored.
 */
#include "lib/net/chat_events.h"

void
chat_events_init(struct chat_events *e, struct arena *mem, size_t max)
{
	*e = (struct chat_events){ .max = max };
	buf_init(&e->line, mem);
	buf_init(&e->data, mem);
}

static void
take_line(struct chat_events *e)
{
	struct str line = buf_view(&e->line), name;

	if (!str_split(&line, ':', &name) || !str_eq(name, STR("data")))
		return;
	if (line.n && line.p[0] == ' ')
		line = (struct str){ line.p + 1, line.n - 1 };
	if (e->has_data)
		buf_putc(&e->data, '\n');
	buf_str(&e->data, line);
	e->has_data = true;
}

/* True if the line is empty and ends an event that has data. */
static bool
end_line(struct chat_events *e)
{
	bool is_whole = e->line.n == 0 && e->has_data;

	take_line(e);
	e->line.n = 0;
	if (is_whole)
		e->has_data = false;
	return is_whole;
}

static bool
take_byte(struct chat_events *e, char c)
{
	bool was_cr = e->after_cr;

	e->after_cr = c == '\r';
	if (c == '\n' && was_cr)
		return false;
	if (c == '\r' || c == '\n')
		return end_line(e);
	buf_putc(&e->line, c);
	return false;
}

bool
chat_events_next(struct chat_events *e, struct str *bytes, struct str *data)
{
	if (!e->has_data)
		e->data.n = 0;
	while (bytes->n && !e->is_too_long) {
		char c = bytes->p[0];

		*bytes = (struct str){ bytes->p + 1, bytes->n - 1 };
		if (take_byte(e, c)) {
			*data = buf_view(&e->data);
			return true;
		}
		e->is_too_long = e->line.n > e->max || e->data.n > e->max ||
		    e->line.failed || e->data.failed;
	}
	return false;
}

bool
chat_events_rest(struct chat_events *e, struct str *data)
{
	if (!e->has_data)
		e->data.n = 0;
	take_line(e);
	e->line.n = 0;
	*data = buf_view(&e->data);
	return e->has_data && !e->is_too_long;
}
