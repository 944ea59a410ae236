/*
 * schedule: when a cron job runs: parses five fields, finds the next times.
 *
 * A job whose minute and hour fields both do not begin with "*" has a fixed
 * time. When a change of the clock of less than three hours skips that time,
 * the job runs at the instant of the change, once for all skipped times; when
 * the change repeats that time, the job runs the first time only. Other jobs
 * run whenever the local time matches. Larger changes get no such treatment.
 *
 * Both day fields must match if one of them begins with "*"; otherwise one of
 * them is enough. deploy/doc/cron.md describes the syntax.
 *
 * Owns:   no memory: a schedule is a value.
 * Not:    jobs, and what happens when one is late.
 * Limit:  texts of 256 bytes; times of the years 1970 to 9999.
 */
#ifndef IO7_LIB_TIME_SCHEDULE_H
#define IO7_LIB_TIME_SCHEDULE_H

#include "lib/base/str.h"
#include "lib/time/zone.h"

enum {
	SCHEDULE_MAX = 256,
	/* The longest sentence of schedule_parse(), with its NUL. */
	SCHEDULE_PROBLEM = 256,
	/* The longest text of buf_schedule(), with a NUL. */
	SCHEDULE_TEXT = 1024,
};

/* Sets of bits: bit n stands for minute n, hour n, and so on. */
struct schedule {
	uint64_t minutes;
	uint32_t hours;
	uint32_t days;    /* 1 to 31 */
	uint16_t months;  /* 1 to 12 */
	uint8_t weekdays; /* 0 to 6, from Sunday */
	bool has_fixed_time;
	bool needs_both_days;
};

/*
 * False with a sentence that says what is wrong. A schedule that matches no
 * day of any year, such as "0 0 30 2 *", is refused.
 */
bool schedule_parse(struct str, struct schedule *,
    char problem[SCHEDULE_PROBLEM]) MUST_CHECK;

/*
 * The first time after `after_us`. False if there is none in the next 41 years:
 * only of a schedule without a fixed time whose every time is skipped by a
 * change of the clock, or at the end of the year 9999. Takes microseconds.
 */
bool schedule_next(const struct schedule *, const struct zone *,
    int64_t after_us, int64_t *next_us) MUST_CHECK;

struct schedule_due {
	/* Times after `after_us` up to and including `until_us`, at most max. */
	size_t count;
	/* There are more than max. */
	bool has_more;
	/* The first and the last of all of them, if there is one. */
	int64_t first_us, last_us;
};

void schedule_due(const struct schedule *, const struct zone *,
    int64_t after_us, int64_t until_us, size_t max, struct schedule_due *);

/* Words for people: "at 02:30 every day". */
void buf_schedule(struct buf *, const struct schedule *);

#endif
