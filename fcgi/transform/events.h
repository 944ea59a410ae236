/*
 * events: what the client of a transform is told, and when.
 *
 * Owns:   the order and the numbers of the events, and the heartbeat.
 * Not:    what is in them beyond their envelope.
 * Limit:  an event is held as a whole until it is sent.
 */
#ifndef IO7_FCGI_TRANSFORM_EVENTS_H
#define IO7_FCGI_TRANSFORM_EVENTS_H

#include "fcgi/transform/transform.h"

/* The answer begins; without events it is the last result, at the end. */
void events_begin(struct transform *);
/* The last event; what the handler has to return. */
enum err events_end(struct transform *, enum err);

/*
 * Where the data of the next event is written, {"key":... already; the event
 * is closed and sent by event_send(). A key without p is left out.
 */
struct buf *event_open(struct transform *, struct str key);
void event_send(struct transform *, const char *name);

/* A progress event, unless there was one just now. */
void events_progress(struct transform *);

/*
 * Waits until the descriptor is ready or the deadline has passed, and lets the
 * client know that it still does. False when nobody waits for us any more.
 */
bool events_wait(struct transform *, struct pollfd, int64_t deadline_ns)
    MUST_CHECK;
/* The same without waiting. */
bool events_still_wanted(struct transform *) MUST_CHECK;

#endif
