/*
 * The next time is searched in local time, a month at a step, and brought back
 * to UTC one span of the zone at a time.
 */
#include "lib/time/schedule.h"

#include "lib/time/date.h"

enum {
	HOUR_S = 3600,
	/* A change of the clock that is smaller skips or repeats fixed times. */
	CHANGE_MAX_S = 3 * HOUR_S,
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

/*
 * The local time from which a span is searched at `at`. A fixed time that the
 * change before the span has skipped is found, and a repeated one is not.
 */
static int64_t
search_from(const struct schedule *s, const struct zone_span *span, int64_t at)
{
	int64_t begin = floor_div(span->begin_us, US_PER_S);
	int32_t back = span->offset_before - span->offset;
	bool is_repeated = back > 0 && at < begin + back;
	bool is_after_gap = back < 0 && at == begin;

	if (s->has_fixed_time && abs(back) < CHANGE_MAX_S &&
	    (is_repeated || is_after_gap))
		return begin + span->offset_before;
	return at + span->offset;
}

/* The next time at or after `at`, in seconds. */
static bool
next_from(const struct schedule *s, const struct zone *z, int64_t at,
    int64_t *next)
{
	int64_t limit = at + SEARCH_YEARS * INT64_C(366) * SECONDS_A_DAY;
	/* No local time from `searched` to before `local` matches. */
	int64_t searched = INT64_MAX, local = INT64_MIN;
	struct zone_span span;

	for (; at <= limit; at = span.end_us / US_PER_S) {
		int64_t from;

		zone_span(z, at * US_PER_S, &span);
		from = search_from(s, &span, at);
		if (from < searched || from > local) {
			if (!next_local(s, from, &local))
				return false;
			searched = from;
		}
		*next = local - span.offset;
		if (*next < at)
			*next = at;
		if (*next < span.end_us / US_PER_S)
			return true;
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
