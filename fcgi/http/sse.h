/*
 * sse: an answer as a stream of events, each sent as it happens.
 *
 * Owns:   the format of text/event-stream.
 * Not:    the pace: the handler sends, and asks whether anybody listens.
 * Limit:  the stream pool only; a client that does not read ends the stream.
 */
#ifndef IO7_FCGI_HTTP_SSE_H
#define IO7_FCGI_HTTP_SSE_H

#include "fcgi/http/req.h"

#include <poll.h>

/* Each of these is false when the client is not there any more. */
bool sse_begin(struct req *) MUST_CHECK;
bool sse_event(struct req *, const char *event, uint64_t id, struct str data)
    MUST_CHECK;
/* A line that means nothing, so that nobody takes silence for an end. */
bool sse_comment(struct req *) MUST_CHECK;

/* Waits that long; false, and sooner, when the client or we have to leave. */
bool sse_wait(struct req *, int64_t ns) MUST_CHECK;

enum sse_woke {
	SSE_READY,       /* the descriptor */
	SSE_LATE,        /* the deadline has passed */
	SSE_CLIENT_GONE, /* the client has */
	SSE_SHUTDOWN,    /* we have to */
};

/* Waits for somebody else's descriptor, besides the client and ourselves. */
enum sse_woke sse_wait_for(struct req *, struct pollfd, int64_t deadline_ns);

#endif
