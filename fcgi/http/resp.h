/*
 * resp: the answer to a request: written as a whole, or as a stream.
 *
 * Owns:   the head of each answer, and all error bodies.
 * Not:    the content of a stream.
 * Limit:  an answer is held in the request's arena until it is sent. A stream
 *         is not held, so its status cannot change once it has begun.
 */
#ifndef IO7_FCGI_HTTP_RESP_H
#define IO7_FCGI_HTTP_RESP_H

#include "fcgi/http/req.h"

/* The buffer for the body. Its type is JSON unless the handler sets another. */
struct buf *resp_body(struct req *, int status);
/* An answer without a body, Content-Type and Content-Length. */
void resp_empty(struct req *, int status);
void resp_header(struct req *, const char *name, const char *value);
/*
 * The same for a header that is sent with errors too. It replaces a header of
 * that name.
 */
void resp_keep(struct req *, const char *name, const char *value);

/*
 * Completes the answer after the handler returned e: writes the error body, if
 * it is an error. Returns the status.
 */
int resp_settle(struct req *, enum err);

/* Writes what was settled, unless a stream was written instead. */
void resp_send(struct req *);
/* Ends the answer. False if the client did not take all of it. */
bool resp_close(struct req *) MUST_CHECK;

/*
 * A stream: sends the head, with status 200; then what is written is sent with
 * each flush. False if the client has closed the connection.
 */
bool resp_begin(struct req *, const char *type) MUST_CHECK;
bool resp_write(struct req *, struct str);
bool resp_flush(struct req *);
/* Ends a stream that failed, with the error body as its last line. */
void resp_give_up(struct req *, enum err);

/* Writes the object that is the member "error" of an error body. */
void resp_error(struct buf *, const struct req *, enum err);

#endif
