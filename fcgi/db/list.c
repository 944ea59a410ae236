/*
 * Answering with a page of a list.
 */
#include "fcgi/db/list.h"

enum err
list_answer(struct req *r, const struct list *list)
{
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	struct list_rows rows = { 0 };
	struct page page, with_next;
	enum err e = page_read(r, &page);

	if (e != OK)
		return e;
	/* One more row shows whether there is a next page. */
	with_next = page;
	with_next.limit++;
	e = list->read(r, tx, &with_next, &rows);
	if (e != OK)
		return e;
	page_send(r, &page, list->item, rows.items, list->row_size, rows.n);
	return OK;
}
