/*
 * window: how many requests somebody made in the last minute, near enough.
 *
 * Owns:   the arithmetic of the sliding window.
 * Not:    where the counts are kept: in Redis, or in a worker's own table.
 * Limit:  two counts: those of the minute before are taken as spread evenly.
 */
#ifndef IO7_FCGI_METER_WINDOW_H
#define IO7_FCGI_METER_WINDOW_H

#include "lib/base/base.h"

#define WINDOW_US (60 * US_PER_S)

struct window {
	int64_t minute; /* since 1970 */
	int64_t before; /* requests in the minute before that one */
	int64_t here;   /* in that one */
};

/* Brings it forward to that time; the others do not look at older counts. */
void window_roll(struct window *, int64_t wall_us);

/* Counts one request; false, and nothing counted, where it is one too many. */
bool window_count(struct window *, int64_t limit, int64_t wall_us) MUST_CHECK;

/* How many more would pass now. */
int64_t window_left(const struct window *, int64_t limit, int64_t wall_us);
/* Seconds until its minute is over. */
int64_t window_reset_s(const struct window *, int64_t wall_us);
/* The first full second, at least one, after which one more would pass. */
int64_t window_retry_s(const struct window *, int64_t limit, int64_t wall_us);

#endif
