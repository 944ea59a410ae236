/*
 * clock: the time, and how long something took.
 *
 * Owns:   the mapped offset by which tests shift the wall clock.
 * Not:    time zones: text is RFC 3339 in UTC.
 * Limit:  years 1970 to 9999.
 */
#ifndef IO7_LIB_OS_CLOCK_H
#define IO7_LIB_OS_CLOCK_H

#include "lib/base/str.h"

enum {
	CLOCK_TEXT = sizeof("2026-01-31T12:34:56.123456Z"),
	CLOCK_DATE = sizeof("Sat, 31 Jan 2026 12:34:56 GMT"),
};

/*
 * Shifts the wall clock of this process and its children by the nanoseconds in
 * that file, an int64 that is read each time. False with errno.
 */
bool clock_shift_by(const char *path) MUST_CHECK;

/* Microseconds since 1970. */
int64_t clock_wall_us(void);
/* The time of the machine, which is never shifted. */
int64_t clock_machine_us(void);
/* Monotonic nanoseconds; never shifted. */
int64_t clock_mono_ns(void);
/* The day in UTC, counted from 1970. */
int32_t clock_day(int64_t wall_us);
/* RFC 3339 with microseconds. */
void clock_text(int64_t wall_us, char to[CLOCK_TEXT]);
/* As a JSON string. */
void buf_time(struct buf *, int64_t wall_us);
/* In the format of HTTP headers. */
void clock_date(int64_t wall_us, char to[CLOCK_DATE]);
/*
 * Parses a date in any of the three formats of RFC 9110. False for anything
 * else.
 */
bool clock_read_http_date(struct str, int64_t *wall_us) MUST_CHECK;
/* When a day begins, and its date as a JSON string: "2026-01-31". */
int64_t clock_midnight(int32_t day);
void buf_date(struct buf *, int32_t day);

/*
 * RFC 3339 with any fraction and offset; digits past microseconds are dropped.
 * False for another format and for days that do not exist.
 */
bool clock_read(struct str, int64_t *wall_us) MUST_CHECK;

/* Sleeps that long, or until a signal. */
void clock_sleep(int64_t ns);

/* The earlier of two deadlines, of which 0 never comes. */
int64_t clock_earlier(int64_t, int64_t);
/* Milliseconds until a deadline, for poll(); 0 once it has passed. */
int clock_ms_left(int64_t deadline_ns);

#endif
