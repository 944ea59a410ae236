/*
 * zone: the rules of a time zone: from UTC to local time and back.
 *
 * Owns:   an immutable copy of the rules.
 * Not:    names and files: lib/time/zones.h. It does not touch TZ.
 * Limit:  times of the years 1970 to 9999; a zone has at most 32 KiB.
 */
#ifndef IO7_LIB_TIME_ZONE_H
#define IO7_LIB_TIME_ZONE_H

#include "lib/base/str.h"

struct zone;

/* UTC needs no file and no memory. */
const struct zone *zone_utc(void);

/*
 * Parses a TZif file of version 2 or later, without leap seconds. NULL without
 * memory (*problem is NULL), or with what is wrong with the file.
 */
struct zone *zone_new(struct str tzif, const char **problem) MUST_CHECK;
/* NULL is ignored. */
void zone_free(struct zone *);

/* A stretch of time in which the zone has one offset. */
struct zone_span {
	/* From begin_us, before end_us; INT64_MIN and INT64_MAX if open. */
	int64_t begin_us, end_us;
	/* Seconds east of UTC, in this span and in the one before it. */
	int32_t offset, offset_before;
	bool is_dst;
	/* Such as "CEST" or "+0330"; of the zone. */
	const char *abbreviation;
};

void zone_span(const struct zone *, int64_t wall_us, struct zone_span *);

struct local_time {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
	int weekday; /* 0 to 6, from Sunday */
	int32_t offset;
	bool is_dst;
	const char *abbreviation; /* of the zone */
};

void zone_local(const struct zone *, int64_t wall_us, struct local_time *);
/* RFC 3339 with the offset: "2026-03-29T03:00:00+02:00", as a JSON string. */
void buf_local_time(struct buf *, const struct zone *, int64_t wall_us);

enum zone_fit { ZONE_ONCE, ZONE_SKIPPED, ZONE_REPEATED };

/*
 * When it is that local time, of which the fields from `weekday` on are not
 * read. A repeated time has an earlier and a later instant; otherwise both are
 * the same: for a skipped time, the instant of the change that skips it.
 */
enum zone_fit zone_instants(const struct zone *, const struct local_time *,
    int64_t *earlier_us, int64_t *later_us);

#endif
