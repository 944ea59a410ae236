/*
 * list: answers with a page of a list that is ordered by time.
 *
 * Not:    the statement and the JSON of an item: each list defines its own.
 * Limit:  PAGE_MAX items in an answer.
 */
#ifndef IO7_FCGI_DB_LIST_H
#define IO7_FCGI_DB_LIST_H

#include "fcgi/db/door.h"
#include "fcgi/http/page.h"

struct list_rows {
	const void *items;
	size_t n;
};

struct list {
	size_t row_size;
	/*
	 * Reads up to page->limit rows after the page's position. Filters come
	 * from the query. If it fails, the request fails with that error.
	 */
	enum err (*read)(struct req *, struct db_tx *, const struct page *,
	    struct list_rows *);
	page_item *item;
};

/* Answers with the page that the query asks for. */
enum err list_answer(struct req *, const struct list *);

#endif
