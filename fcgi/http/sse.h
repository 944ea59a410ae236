/*
 * sse: an answer as a stream of server-sent events.
 *
 * Owns:   the format of text/event-stream.
 * Limit:  for the stream pool only. A client that does not read ends the
 *         stream.
 */
#ifndef IO7_FCGI_HTTP_SSE_H
#define IO7_FCGI_HTTP_SSE_H

#include "fcgi/http/req.h"

#include <poll.h>

/* Each of these returns false if the client has closed the connection. */
bool sse_begin(struct req *) MUST_CHECK;
bool sse_event(struct req *, const char *event, uint64_t id, struct str data)
    MUST_CHECK;
/* The same for the last event of the stream, which its id marks as such. */
bool sse_last_event(struct req *, const char *event, uint64_t id,
    struct str data) MUST_CHECK;
/* A comment: it keeps the connection open. */
bool sse_comment(struct req *) MUST_CHECK;

/*
 * True if the client sends its request again after it has read a stream to its
 * last event, as an EventSource does. The answer 204 stops it.
 */
bool sse_was_read(const struct req *);

/* Waits that long. False if the client is gone or the worker shuts down. */
bool sse_wait(struct req *, int64_t ns) MUST_CHECK;

enum sse_woke {
	SSE_READY,       /* the descriptor is ready */
	SSE_LATE,        /* the deadline has passed */
	SSE_CLIENT_GONE, /* the client has closed the connection */
	SSE_SHUTDOWN,    /* the worker has to end */
};

/* Waits for a descriptor, the client and the worker's shutdown. */
enum sse_woke sse_wait_for(struct req *, struct pollfd, int64_t deadline_ns);

#endif
