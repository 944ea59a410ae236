/*
 * page: pagination of lists.
 *
 * Owns:   the parameters `limit` and `mode`, and the cursor of a list that is
 *         ordered by time and id.
 * Not:    the order itself: that is the statement's.
 */
#ifndef IO7_FCGI_HTTP_PAGE_H
#define IO7_FCGI_HTTP_PAGE_H

#include "fcgi/http/req.h"
#include "lib/base/opt.h"

enum { PAGE_USUAL = 100, PAGE_MAX = 1000 };

/* The list continues after the item of that time and id. */
struct page {
	int64_t limit;
	struct opt_int64 at;
	struct opt_uuid id;
};

/* For lists with a cursor of another kind. */
enum err page_limit(struct req *, int64_t *limit) MUST_CHECK;
/* The parameter `mode`, live or test; without p if it is absent. */
enum err page_mode(struct req *, struct str *mode) MUST_CHECK;
enum err page_read(struct req *, struct page *) MUST_CHECK;

/* The position of an item in its list. */
struct page_mark {
	int64_t at;
	struct uuid id;
};

/* Writes a row as JSON; returns its position. */
typedef struct page_mark page_item(struct req *, struct buf *, const void *row);

/*
 * Answers with n rows of the given size. The caller has read one row more than
 * the limit; it is not sent, but shows that there is another page.
 */
void page_send(struct req *, const struct page *, page_item *, const void *rows,
    size_t size, size_t n);

#endif
