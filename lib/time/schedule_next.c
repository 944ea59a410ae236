/*
 * The next time is searched in local time, a month at a step, and brought back
 * to UTC one span of the zone at a time. Whatever lies before the next matching
 * local time is skipped at once.
 */
#include "lib/time/schedule.h"

#include "lib/time/date.h"

enum {
	HOUR_S = 3600,
	/* A change of the clock that is smaller skips or repeats fixed times. */
	CHANGE_MAX_S = 3 * HOUR_S,
	/* More than any zone is from UTC. */
	OFFSET_MAX_S = 48 * HOUR_S,
	/* February 29 falls on one weekday every 28 years, or 40 across 2100. */
	SEARCH_YEARS = 41,
	LAST_YEAR = 9999,
};

/* The lowest number in the set that is at least `from`; -1 if there is none. */
static int
lowest(uint64_t set, int from)
{
	uint64_t rest = from < 64 ? set >> from << from : 0;

	return rest ? __builtin_ctzll(rest) : -1;
}

/* The days of a month that match; its first day falls on that weekday. */
static uint32_t
days_of_month(const struct schedule *s, int first_weekday, int length)
{
	uint32_t week =
	    s->weekdays >> first_weekday | s->weekdays << (7 - first_weekday);
	uint32_t weekdays = 0, all = UINT32_MAX >> (31 - length) & ~1U;

	week &= 0x7f;
	for (int day = 1; day <= length; day += 7)
		weekdays |= week << day;
	return all &
	    (s->needs_both_days ? s->days & weekdays : s->days | weekdays);
}

/* The first matching day, from that one on; false if it is too far away. */
static bool
next_day(const struct schedule *s, int64_t from, int64_t *day)
{
	struct date d = date_of_day(from);
	int last_year = d.year + SEARCH_YEARS;

	if (last_year > LAST_YEAR)
		last_year = LAST_YEAR;
	for (; d.year <= last_year; d.day = 1) {
		int month = lowest(s->months, d.month), found;
		int64_t first;

		if (month != d.month)
			d.day = 1;
		d.month = month;
		if (month < 0) {
			d.year++;
			d.month = 1;
			continue;
		}
		first = date_to_day(d.year, d.month, 1);
		found = lowest(days_of_month(s, date_weekday(first),
				   date_month_days(d.year, d.month)),
		    d.day);
		if (found >= 0) {
			*day = first + found - 1;
			return true;
		}
		d.month++;
	}
	return false;
}

/* The first matching minute of a day, from that one on; -1 if there is none. */
static int
next_minute(const struct schedule *s, int from)
{
	int hour = lowest(s->hours, from / 60);
	int minute = from % 60;

	if (hour == from / 60) {
		minute = lowest(s->minutes, minute);
		if (minute >= 0)
			return hour * 60 + minute;
		hour = lowest(s->hours, hour + 1);
	}
	return hour < 0 ? -1 : hour * 60 + lowest(s->minutes, 0);
}

/* The first matching local second, from that one on. */
static bool
next_local(const struct schedule *s, int64_t from, int64_t *local)
{
	int64_t day = floor_div(from, SECONDS_A_DAY), found;
	int minute = (int)(floor_mod(from, SECONDS_A_DAY) + 59) / 60;

	if (!next_day(s, day, &found))
		return false;
	minute = next_minute(s, found > day ? 0 : minute);
	if (minute < 0) {
		if (!next_day(s, day + 1, &found))
			return false;
		minute = next_minute(s, 0);
	}
	*local = found * SECONDS_A_DAY + minute * 60;
	return true;
}

/* The next time at or after `at`, in seconds. */
static bool
next_from(const struct schedule *s, const struct zone *z, int64_t at,
    int64_t *next)
{
	int64_t limit = at + SEARCH_YEARS * INT64_C(366) * SECONDS_A_DAY;

	while (at <= limit) {
		struct zone_span span;
		int64_t begin, end, from, before, local;

		zone_span(z, at * US_PER_S, &span);
		begin = floor_div(span.begin_us, US_PER_S);
		end = span.end_us / US_PER_S;
		from = at + span.offset;
		before = span.offset_before - span.offset;
		if (s->has_fixed_time && abs((int)before) < CHANGE_MAX_S) {
			/* Repeated: wait until the clock has caught up. */
			if (before > 0 && at < begin + before)
				from = begin + span.offset_before;
			/* Skipped: the instant of the change stands for it. */
			if (before < 0 && at == begin)
				from += before;
		}
		if (!next_local(s, from, &local))
			return false;
		if (local - span.offset < end) {
			*next = local - span.offset;
			if (*next < at)
				*next = at;
			return true;
		}
		at = local - OFFSET_MAX_S > end ? local - OFFSET_MAX_S : end;
	}
	return false;
}

bool
schedule_next(const struct schedule *s, const struct zone *z, int64_t after_us,
    int64_t *next_us)
{
	int64_t next;

	if (!next_from(s, z, floor_div(after_us, US_PER_S) + 1, &next))
		return false;
	*next_us = next * US_PER_S;
	return true;
}

/* The last time up to `until_us`, by bisection; `last_us` is one of them. */
static int64_t
last_until(const struct schedule *s, const struct zone *z, int64_t last_us,
    int64_t until_us)
{
	int64_t none_after = until_us, next;

	while (none_after - last_us > 1) {
		int64_t middle = last_us + (none_after - last_us) / 2;

		if (schedule_next(s, z, middle, &next) && next <= until_us)
			last_us = next;
		else
			none_after = middle;
	}
	return last_us;
}

void
schedule_due(const struct schedule *s, const struct zone *z, int64_t after_us,
    int64_t until_us, size_t max, struct schedule_due *due)
{
	int64_t next = after_us;

	*due = (struct schedule_due){ 0 };
	while (schedule_next(s, z, next, &next) && next <= until_us) {
		if (!due->count)
			due->first_us = next;
		due->last_us = next;
		if (due->count == max) {
			due->has_more = true;
			due->last_us = last_until(s, z, next, until_us);
			return;
		}
		due->count++;
	}
}
