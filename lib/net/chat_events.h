/*
 * chat_events: the data of server-sent events, out of bytes that come in any
 * pieces.
 *
 * Owns:   the bytes of the event that is not yet whole.
 * Not:    names and ids of events: only their data.
 * Limit:  an event has `max` bytes of data, and so has a line.
 */
#ifndef IO7_LIB_NET_CHAT_EVENTS_H
#define IO7_LIB_NET_CHAT_EVENTS_H

#include "lib/base/str.h"

struct chat_events {
	struct buf line, data;
	size_t max;
	bool has_data;
	bool after_cr;    /* a line feed now belongs to the line before */
	bool is_too_long; /* for good */
};

void chat_events_init(struct chat_events *, struct arena *, size_t max);
/*
 * Takes bytes off the front until an event is whole; false where they are used
 * up. The data lives until the next call.
 */
bool chat_events_next(struct chat_events *, struct str *bytes,
    struct str *data);
/* What stood at the end without the empty line that ends an event. */
bool chat_events_rest(struct chat_events *, struct str *data);

#endif
