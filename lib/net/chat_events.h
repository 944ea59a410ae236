/*
 * chat_events: parses the data of server-sent events from a stream of bytes.
 *
 * Owns:   the bytes of the event that is not complete yet.
 * Not:    names and ids of events: only their data.
 * Limit:  `max` bytes for a line and for the data of an event.
 */
#ifndef IO7_LIB_NET_CHAT_EVENTS_H
#define IO7_LIB_NET_CHAT_EVENTS_H

#include "lib/base/str.h"

struct chat_events {
	struct buf line, data;
	size_t max;
	bool has_data;
	bool after_cr;    /* skip a line feed: CR LF is one line end */
	bool is_too_long; /* never cleared */
};

void chat_events_init(struct chat_events *, struct arena *, size_t max);
/*
 * Takes bytes off the front until an event is complete; false once all are
 * used. The data is valid until the next call.
 */
bool chat_events_next(struct chat_events *, struct str *bytes,
    struct str *data);
/* The data of the last event, if no empty line followed it. */
bool chat_events_rest(struct chat_events *, struct str *data);

#endif
