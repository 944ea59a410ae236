/*
 * window: an estimate of the requests of the last minute.
 *
 * Owns:   the arithmetic of the sliding window.
 * Not:    where the counts are stored: in Redis, or in a worker's own table.
 * Limit:  two counts are kept, so the requests of the minute before are taken
 *         as evenly spread.
 */
#ifndef IO7_FCGI_METER_WINDOW_H
#define IO7_FCGI_METER_WINDOW_H

#include "lib/base/base.h"

#define WINDOW_US (60 * US_PER_S)

struct window {
	int64_t minute; /* since 1970 */
	int64_t before; /* requests in the minute before it */
	int64_t here;   /* requests in it */
};

/* Advances it to that time; call this before the functions below. */
void window_roll(struct window *, int64_t wall_us);

/* Advances it and counts one request; over the limit, only returns false. */
bool window_count(struct window *, int64_t limit, int64_t wall_us) MUST_CHECK;

/* The number of requests that would still pass now. */
int64_t window_left(const struct window *, int64_t limit, int64_t wall_us);
/* Seconds to the end of its minute. */
int64_t window_reset_s(const struct window *, int64_t wall_us);
/* Whole seconds, at least one, until one more request would pass. */
int64_t window_retry_s(const struct window *, int64_t limit, int64_t wall_us);

#endif
