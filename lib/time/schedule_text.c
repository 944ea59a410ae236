/*
 * The words follow the sets, not the text of the schedule: "0-59" and "*" read
 * the same, and each schedule has words. A set without a short form is listed.
 */
#include "lib/time/schedule.h"

enum {
	MINUTES = 60,
	HOURS = 24,
	/* So many times of day are listed. */
	LISTED_MAX = 4,
	/* So many values in a row are written as a range. */
	RANGE_MIN = 3,
};

#define ON_THE_HOUR  UINT64_C(1)
#define ALL_HOURS    ((UINT32_C(1) << HOURS) - 1)
#define ALL_DAYS     UINT32_C(0xfffffffe)
#define ALL_MONTHS   0x1ffe
#define ALL_WEEKDAYS 0x7f

static int
count(uint64_t set)
{
	return __builtin_popcountll(set);
}

static int
first_of(uint64_t set)
{
	return __builtin_ctzll(set);
}

static int
last_of(uint64_t set)
{
	return 63 - __builtin_clzll(set);
}

/* The set has all values from its first to its last. */
static bool
is_range(uint64_t set)
{
	return last_of(set) - first_of(set) + 1 == count(set);
}

/* The step of a set that divides the whole evenly from 0 on; 0 if it does not. */
static int
step_of(uint64_t set, int whole)
{
	int n = count(set), step = whole / n;

	if (n < 2 || whole % n)
		return 0;
	for (int i = 0; i < whole; i += step)
		if (!(set >> i & 1))
			return 0;
	return step;
}

/* The last value of the range that begins with `from`. */
static int
end_of_range(uint64_t set, int from)
{
	while (from < 63 && set >> (from + 1) & 1)
		from++;
	return from;
}

/* "1 to 5, 7 and 9" */
static void
put_list(struct buf *b, uint64_t set, void (*put)(struct buf *, int))
{
	const char *comma = "";

	while (set) {
		int from = first_of(set), to = end_of_range(set, from);

		if (to - from + 1 < RANGE_MIN)
			to = from;
		set &= ~(((UINT64_C(2) << (to - from)) - 1) << from);
		buf_puts(b, set || !*comma ? comma : " and ");
		comma = ", ";
		put(b, from);
		if (to > from) {
			buf_puts(b, " to ");
			put(b, to);
		}
	}
}

static void
put_number(struct buf *b, int n)
{
	buf_int(b, n);
}

static void
put_time(struct buf *b, int hour, int minute)
{
	buf_printf(b, "%02d:%02d", hour, minute);
}

static void
put_month(struct buf *b, int month)
{
	static const char *const names[] = { "December", "January", "February",
		"March", "April", "May", "June", "July", "August", "September",
		"October", "November" };

	buf_puts(b, names[(unsigned)month % 12]);
}

/* Sunday is 0 or 7. */
static void
put_weekday(struct buf *b, int day)
{
	static const char *const names[] = { "Sunday", "Monday", "Tuesday",
		"Wednesday", "Thursday", "Friday", "Saturday" };

	buf_puts(b, names[(unsigned)day % 7]);
}

/* "minute 5" or "minutes 5 and 10" */
static void
put_numbers(struct buf *b, const char *noun, uint64_t set)
{
	buf_printf(b, "%s%s ", noun, count(set) == 1 ? "" : "s");
	put_list(b, set, put_number);
}

/* "at 09:00, 12:00 and 18:00" */
static void
put_times(struct buf *b, const struct schedule *s)
{
	int left = count(s->minutes) * count(s->hours);
	const char *before = "at ";

	for (int i = 0; i < HOURS * MINUTES; i++) {
		int hour = i / MINUTES, minute = i % MINUTES;

		if (!(s->hours >> hour & 1) || !(s->minutes >> minute & 1))
			continue;
		buf_puts(b, before);
		put_time(b, hour, minute);
		before = --left == 1 ? " and " : ", ";
	}
}

/* "every minute", "every 15 minutes" or "at minutes 5 and 20" */
static void
put_minutes(struct buf *b, const struct schedule *s)
{
	int step = step_of(s->minutes, MINUTES);

	if (step == 1)
		buf_puts(b, "every minute");
	else if (step)
		buf_printf(b, "every %d minutes", step);
	else
		put_numbers(b, "at minute", s->minutes);
}

static void
put_bounds(struct buf *b, const struct schedule *s)
{
	buf_puts(b, " from ");
	put_time(b, first_of(s->hours), first_of(s->minutes));
	buf_puts(b, " to ");
	put_time(b, last_of(s->hours), last_of(s->minutes));
}

static void
put_every_hour(struct buf *b, const struct schedule *s)
{
	if (s->minutes == ON_THE_HOUR) {
		buf_puts(b, "every hour");
		return;
	}
	put_minutes(b, s);
	if (!step_of(s->minutes, MINUTES))
		buf_puts(b, " of every hour");
}

/* The hours are restricted. */
static void
put_some_hours(struct buf *b, const struct schedule *s)
{
	bool is_even = step_of(s->minutes, MINUTES) > 0;

	if (count(s->minutes) == 1 && count(s->hours) >= RANGE_MIN &&
	    is_range(s->hours)) {
		buf_puts(b, "every hour");
		put_bounds(b, s);
	} else if (count(s->minutes) * count(s->hours) <= LISTED_MAX) {
		put_times(b, s);
	} else if (s->minutes == ON_THE_HOUR && step_of(s->hours, HOURS)) {
		buf_printf(b, "every %d hours from 00:00",
		    step_of(s->hours, HOURS));
	} else if (is_even && is_range(s->hours)) {
		put_minutes(b, s);
		put_bounds(b, s);
	} else {
		put_minutes(b, s);
		buf_puts(b, is_even ? " in " : " of ");
		put_numbers(b, "hour", s->hours);
	}
}

static void
put_in_months(struct buf *b, const struct schedule *s)
{
	if (s->months == ALL_MONTHS)
		return;
	buf_puts(b, " in ");
	put_list(b, s->months, put_month);
}

/* " on 1 January" or " on days 1 and 15 of the month" */
static void
put_days(struct buf *b, const struct schedule *s)
{
	buf_puts(b, " on ");
	if (count(s->days) == 1 && count(s->months) == 1) {
		buf_printf(b, "%d ", first_of(s->days));
		put_list(b, s->months, put_month);
		return;
	}
	put_numbers(b, "day", s->days);
	buf_puts(b, " of ");
	if (s->months == ALL_MONTHS)
		buf_puts(b, "the month");
	else
		put_list(b, s->months, put_month);
}

/* " on Monday to Friday in June" */
static void
put_weekdays(struct buf *b, const struct schedule *s)
{
	uint64_t from_monday = (s->weekdays & ~1U) | (s->weekdays & 1U) << 7;

	buf_puts(b, " on ");
	put_list(b, from_monday, put_weekday);
	put_in_months(b, s);
}

static void
put_restricted_days(struct buf *b, const struct schedule *s)
{
	if (s->weekdays == ALL_WEEKDAYS) {
		put_days(b, s);
	} else if (s->days == ALL_DAYS) {
		put_weekdays(b, s);
	} else if (s->needs_both_days) {
		put_weekdays(b, s);
		buf_puts(b, " if the day of the month is ");
		put_list(b, s->days, put_number);
	} else {
		put_days(b, s);
		buf_puts(b, " and also");
		put_weekdays(b, s);
	}
}

void
buf_schedule(struct buf *b, const struct schedule *s)
{
	bool has_all_days = s->days == ALL_DAYS;
	bool has_all_weekdays = s->weekdays == ALL_WEEKDAYS;
	bool is_daily = s->needs_both_days ? has_all_days && has_all_weekdays
					   : has_all_days || has_all_weekdays;

	if (s->hours == ALL_HOURS)
		put_every_hour(b, s);
	else
		put_some_hours(b, s);
	if (!is_daily) {
		put_restricted_days(b, s);
		return;
	}
	if (s->hours != ALL_HOURS)
		buf_puts(b, " every day");
	put_in_months(b, s);
}
