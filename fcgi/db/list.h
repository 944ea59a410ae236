/*
 * list: a list in the order of time, from its statement to JSON.
 *
 * Not:    the statement and the form of an item: whoever defines a list has both.
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
	 * Reads up to page->limit rows behind the page's position. Filters are
	 * taken from the query. If it fails, the request does.
	 */
	enum err (*read)(struct req *, struct db_tx *, const struct page *,
	    struct list_rows *);
	page_item *item;
};

/* Answers with the page that the query asks for. */
enum err list_answer(struct req *, const struct list *);

#endif
