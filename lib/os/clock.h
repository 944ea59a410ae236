/*
 * clock: what time it is, and how long something took.
 *
 * Owns:   the mapped shift by which tests move the wall clock.
 * Not:    time zones: all text is RFC 3339 in UTC.
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
 * From now on the wall clock is shifted by the int64 of nanoseconds at the
 * front of that file, as it stands at each reading. Inherited by children.
 * False, with errno, when the file cannot be mapped.
 */
bool clock_shift_by(const char *path) MUST_CHECK;

/* Microseconds since 1970. */
int64_t clock_wall_us(void);
/* The same as every other program of this machine sees it: never shifted. */
int64_t clock_machine_us(void);
/* Nanoseconds that only ever grow; never shifted. */
int64_t clock_mono_ns(void);
/* The day of it, in UTC: days since 1970. */
int32_t clock_day(int64_t wall_us);
/* RFC 3339 with microseconds. */
void clock_text(int64_t wall_us, char to[CLOCK_TEXT]);
/* The same as a JSON string. */
void buf_time(struct buf *, int64_t wall_us);
/* As HTTP's headers have it. */
void clock_date(int64_t wall_us, char to[CLOCK_DATE]);
/*
 * The same back, in each of the three forms of RFC 9110. False for anything
 * else.
 */
bool clock_read_http_date(struct str, int64_t *wall_us) MUST_CHECK;
/* When a day begins, and "2026-01-31" as a JSON string. */
int64_t clock_midnight(int32_t day);
void buf_date(struct buf *, int32_t day);

/*
 * RFC 3339, with whatever fraction and offset; digits past microseconds are
 * dropped. False for what is none, or no day of the calendar.
 */
bool clock_read(struct str, int64_t *wall_us) MUST_CHECK;

/* Milliseconds from now to a deadline, for poll: 0 when it has passed. */
int clock_ms_left(int64_t deadline_ns);

#endif
