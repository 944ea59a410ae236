/*
 * html: the few pages that a worker makes itself.
 *
 * Owns:   their frame, and escaping.
 * Not:    the pages that nginx serves.
 * Limit:  no scripts and no inline styles: the site's policy forbids both.
 */
#ifndef IO7_FCGI_SIGNIN_HTML_H
#define IO7_FCGI_SIGNIN_HTML_H

#include "fcgi/http/req.h"

/* Begins a page, to which paragraphs are added, and ends it. */
struct buf *html_begin(struct req *, int status, const char *title);
void html_end(struct buf *);

void html_link(struct buf *, struct str to, const char *words);

/*
 * Answers with a page that shows the request's error, with a link to try again.
 * Returns OK, because that is an answer.
 */
enum err html_fault(struct req *, const char *title, const char *again);

#endif
