/*
 * page: a part of a list, as the client asks for it.
 *
 * Owns:   the parameters `limit` and `mode`, and the cursor of lists that go by time.
 * Not:    the order: that is the statement's.
 * Limit:  100 items unless asked otherwise, PAGE_MAX at most.
 */
#ifndef IO7_FCGI_HTTP_PAGE_H
#define IO7_FCGI_HTTP_PAGE_H

#include "fcgi/http/req.h"
#include "lib/base/opt.h"

enum { PAGE_USUAL = 100, PAGE_MAX = 1000 };

/* A list by time and id goes on behind these. */
struct page {
	int64_t limit;
	struct opt_int64 at;
	struct opt_uuid id;
};

/* `limit` alone, for lists with a cursor of their own. */
enum err page_limit(struct req *, int64_t *limit) MUST_CHECK;
/* The parameter `mode`, live or test; absent: without p. */
enum err page_mode(struct req *, struct str *mode) MUST_CHECK;
enum err page_read(struct req *, struct page *) MUST_CHECK;

/* Where an item stands in the order of its list. */
struct page_mark {
	int64_t at;
	struct uuid id;
};

/* Writes a row as JSON; returns its position. */
typedef struct page_mark page_item(struct req *, struct buf *, const void *row);

/* Answers with n rows of a size, read up to one over the limit: "more". */
void page_send(struct req *, const struct page *, page_item *, const void *rows,
    size_t size, size_t n);

#endif
