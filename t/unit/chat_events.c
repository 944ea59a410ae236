/*
 * Server-sent events: the same events however the bytes are cut.
 */
#include "lib/net/chat_events.h"
#include "t/unit/tap.h"

static struct arena *mem;

/* The data of all events, in brackets, of a text in pieces of n bytes. */
static const char *
read_in_pieces(struct str text, size_t n, size_t max, bool *is_too_long)
{
	struct chat_events e;
	struct str data;
	struct buf b;

	chat_events_init(&e, mem, max);
	buf_init(&b, mem);
	while (text.n) {
		size_t part = n < text.n ? n : text.n;
		struct str piece = { text.p, part };

		text = (struct str){ text.p + part, text.n - part };
		while (chat_events_next(&e, &piece, &data))
			buf_printf(&b, "[%.*s]", STR_ARGS(data));
	}
	if (chat_events_rest(&e, &data))
		buf_printf(&b, "(%.*s)", STR_ARGS(data));
	buf_putc(&b, '\0');
	*is_too_long = e.is_too_long;
	return b.p;
}

int
main(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "data: a\n\n", "[a]" },
		{ "data:a\n\ndata:  b\n\n", "[a][ b]" },
		{ "data: a\r\n\r\ndata: b\r\rdata: c\n\n", "[a][b][c]" },
		{ "data: a\ndata: b\n\n", "[a\nb]" },
		{ ": hello\n\n:\n\nid: 7\nevent: x\ndata: a\n\n", "[a]" },
		{ "data\n\ndata:\n\n", "[][]" },
		{ "\n\n\n", "" },
		{ "datax: a\n\n data: b\n\n", "" },
		{ "data: a", "(a)" },
		{ "data: a\n", "(a)" },
		{ "data: a\n\nretry: 5\n", "[a]" },
		{ "data: {\"x\":\"\xc3\xa9:\"}\r\n\r\n",
		    "[{\"x\":\"\xc3\xa9:\"}]" },
	};
	bool too_long;

	mem = arena_new(1 << 20);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool same = true;

		for (size_t n = 1; n < 40; n++)
			same &= strcmp(read_in_pieces(str_of(rows[i].text), n,
					   100, &too_long),
				    rows[i].want) == 0 &&
			    !too_long;
		ok(same, "row %zu in pieces of every size", i);
	}
	read_in_pieces(STR("data: 0123456789012345678901234567890\n\n"), 7, 20,
	    &too_long);
	ok(too_long, "an endless line is refused");
	read_in_pieces(STR("data: 012345678\ndata: 012345678\ndata: 0123\n\n"),
	    7, 20, &too_long);
	ok(too_long, "an endless event is refused");
	arena_free(mem);
	return tap_done();
}
