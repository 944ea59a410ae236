/*
 * resp: the answer, written once, whole; or begun, and then piece by piece.
 *
 * Owns:   the shape of every answer and of every error body.
 * Not:    what a stream says: that is sse's, or its room's.
 * Limit:  an answer is held in the request's arena until it is sent; of a
 *         stream nothing is held, and nothing can be taken back.
 */
#ifndef IO7_FCGI_HTTP_RESP_H
#define IO7_FCGI_HTTP_RESP_H

#include "fcgi/http/req.h"

/* The buffer to write a body to; JSON unless the handler says otherwise. */
struct buf *resp_body(struct req *, int status);
/* An answer without a body, and without a word about one. */
void resp_empty(struct req *, int status);
void resp_header(struct req *, const char *name, const char *value);
/*
 * The same for a header that goes out even if the request fails later; one of
 * that name gives way to it.
 */
void resp_keep(struct req *, const char *name, const char *value);

/*
 * From here on the answer is what the handler made, or the error that it
 * returned: the only place that writes error bodies. Its status.
 */
int resp_settle(struct req *, enum err);

/* Sends what was settled, unless a stream was sent instead. */
void resp_send(struct req *);

/*
 * An answer of unknown length: its head, with status 200, then what is written,
 * sent with each flush. False when the client is not there any more.
 */
bool resp_begin(struct req *, const char *type) MUST_CHECK;
bool resp_write(struct req *, struct str);
bool resp_flush(struct req *);
/* Ends it with the error's body, as the last line: there is no other way. */
void resp_give_up(struct req *, enum err);

/* What an error's body says: the object that is its member "error". */
void resp_error(struct buf *, const struct req *, enum err);

#endif
