/*
 * html: the few pages that a worker answers itself.
 *
 * Owns:   their frame, and quoting what comes from elsewhere.
 * Not:    the site's pages: nginx serves those.
 * Limit:  plain HTML: the site's policy forbids scripts and styles within.
 */
#ifndef IO7_FCGI_SIGNIN_HTML_H
#define IO7_FCGI_SIGNIN_HTML_H

#include "fcgi/http/req.h"

/* The page up to its title, to which paragraphs are added, and its end. */
struct buf *html_begin(struct req *, int status, const char *title);
void html_end(struct buf *);

void html_link(struct buf *, struct str to, const char *words);

/*
 * The failure of the request as a page that says what happened, with a link to
 * where to try again. OK, because that is an answer.
 */
enum err html_fault(struct req *, const char *title, const char *again);

#endif
