/*
 * A cursor is the time and the id of the last item, in hex digits. Both are
 * members of the item, so it discloses nothing.
 */
#include "fcgi/http/page.h"

#include "fcgi/http/resp.h"
#include "lib/crypto/crypt.h"

struct mark {
	uint8_t at[8]; /* big-endian */
	struct uuid id;
};

enum err
page_limit(struct req *r, int64_t *limit)
{
	struct str text;
	uint64_t n = PAGE_USUAL;
	enum err e = req_query(r, "limit", &text);

	if (e != OK)
		return e;
	if (text.p && (!str_to_u64(text, &n) || n < 1 || n > PAGE_MAX))
		return fail_field(r, E_BAD_REQUEST, "limit",
		    "must be 1 to 1000");
	*limit = (int64_t)n;
	return OK;
}

enum err
page_mode(struct req *r, struct str *mode)
{
	enum err e = req_query(r, "mode", mode);

	if (e == OK && mode->p && !str_eq(*mode, STR("live")) &&
	    !str_eq(*mode, STR("test")))
		return fail_field(r, E_BAD_REQUEST, "mode",
		    "must be live or test");
	return e;
}

enum err
page_read(struct req *r, struct page *page)
{
	struct mark mark;
	struct str text = { 0 };
	uint64_t at = 0;
	enum err e = page_limit(r, &page->limit);

	page->at.is = page->id.is = false;
	if (e == OK)
		e = req_query(r, "cursor", &text);
	if (e != OK || !text.p)
		return e;
	if (!crypt_unhex(text, &mark, sizeof(mark)) || mark.at[0] >> 7)
		return fail_field(r, E_BAD_REQUEST, "cursor",
		    "must be the next_cursor of a page of this list");
	for (size_t i = 0; i < sizeof(mark.at); i++)
		at = at << 8 | mark.at[i];
	page->at = (struct opt_int64){ true, (int64_t)at };
	page->id = (struct opt_uuid){ true, mark.id };
	return OK;
}

static void
put_cursor(struct buf *b, struct page_mark last)
{
	struct mark mark = { .id = last.id };
	char text[2 * sizeof(mark)];

	for (size_t i = 0; i < sizeof(mark.at); i++)
		mark.at[i] = (uint8_t)((uint64_t)last.at >> (56 - 8 * i));
	crypt_hex(&mark, sizeof(mark), text);
	buf_printf(b, "\"%.*s\"", (int)sizeof(text), text);
}

void
page_send(struct req *r, const struct page *page, page_item *item,
    const void *rows, size_t size, size_t n)
{
	struct buf *b = resp_body(r, 200);
	struct page_mark last = { 0 };
	bool has_more = n > (size_t)page->limit;

	buf_puts(b, "{\"items\":[");
	for (size_t i = 0; i < n - has_more; i++) {
		buf_puts(b, i ? "," : "");
		last = item(r, b, (const char *)rows + i * size);
	}
	buf_puts(b, "],\"next_cursor\":");
	if (has_more)
		put_cursor(b, last);
	else
		buf_puts(b, "null");
	buf_puts(b, "}\n");
}
