/*
 * events: sends the events of a transform to its client.
 *
 * Owns:   the order and the ids of the events, and the heartbeat.
 * Limit:  an event is held in memory until it is sent.
 *
 * When the client has closed the connection, nothing more is sent and
 * t->is_stopped and t->is_gone are set. A client that accepts JSON only gets no
 * events but the last result as the body.
 */
#ifndef IO7_FCGI_TRANSFORM_EVENTS_H
#define IO7_FCGI_TRANSFORM_EVENTS_H

#include "fcgi/transform/transform.h"

/*
 * An EventSource that is left open after `done` sends its request again. It is
 * answered 204, which ends it, and not charged. False for any other request.
 */
bool events_were_read(struct req *);

/* Begins the answer and sends `start`. */
void events_begin(struct transform *);
/* Sends `done`. Returns the result of the handler. */
enum err events_end(struct transform *, enum err);

/*
 * Begins the data of an event: {"key":..., without the key if it has no p. Each
 * member is written with a comma after it. event_send() closes and sends it.
 */
struct buf *event_open(struct transform *, struct str key);
void event_send(struct transform *, const char *name);

/* Sends `progress`, unless the last one was just sent. */
void events_progress(struct transform *);

/*
 * Waits until the descriptor is ready or the deadline has passed, and sends
 * heartbeats during the wait. False if the request is to be given up.
 */
bool events_wait(struct transform *, struct pollfd, int64_t deadline_ns)
    MUST_CHECK;
/* The same without waiting. */
bool events_still_wanted(struct transform *) MUST_CHECK;

#endif
