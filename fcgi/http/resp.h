/*
 * resp: the answer, written once, whole.
 *
 * Owns:   the shape of every answer and of every error body.
 * Not:    streams: those write for themselves, through sse.
 * Limit:  an answer is held in the request's arena until it is sent.
 */
#ifndef IO7_FCGI_HTTP_RESP_H
#define IO7_FCGI_HTTP_RESP_H

#include "fcgi/http/req.h"

/* The buffer to write a body to; JSON unless the handler says otherwise. */
struct buf *resp_body(struct req *, int status);
void resp_header(struct req *, const char *name, const char *value);
/* The same for a header that goes out even if the request fails later. */
void resp_keep(struct req *, const char *name, const char *value);

/*
 * From here on the answer is what the handler made, or the error that it
 * returned: the only place that writes error bodies. Its status.
 */
int resp_settle(struct req *, enum err);

/* Sends what was settled, unless a stream was sent instead. */
void resp_send(struct req *);

/* Writes raw bytes of an answer; false when the client is not there any more. */
bool resp_write(struct req *, struct str);

#endif
