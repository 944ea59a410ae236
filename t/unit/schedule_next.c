/*
 * Next times at the edges: instants, leap days, large changes of
 * the clock, the ends of time, and how many times a downtime has missed.
 */
#include "lib/os/clock.h"
#include "lib/time/schedule.h"
#include "lib/time/zones.h"
#include "t/unit/tap.h"

static struct zones *zones;

static const struct zone *
zone_named(const char *name)
{
	const struct zone *zone = zone_utc();
	const char *problem;

	if (zones_find(zones, str_of(name), &zone, &problem) != OK)
		ok(false, "%s is a zone: %s", name, problem);
	return zone;
}

static struct schedule
schedule_of(const char *text)
{
	char problem[SCHEDULE_PROBLEM];
	struct schedule s = { 0 };

	if (!schedule_parse(str_of(text), &s, problem))
		ok(false, "\"%s\" is a schedule: %s", text, problem);
	return s;
}

static int64_t
instant(const char *text)
{
	int64_t us;

	if (!clock_read(str_of(text), &us))
		abort();
	return us;
}

/* "none", or the time without its microseconds. */
static const char *
text_of(bool is, int64_t us)
{
	static char text[CLOCK_TEXT];

	if (!is)
		return "none";
	clock_text(us, text);
	memcpy(text + 19, "Z", 2);
	return text;
}

/* clang-format off */
static const struct {
	const char *zone, *schedule, *after, *next;
} after[] = {
	{ "UTC", "30 2 * * *", "2026-01-01T02:29:59.999999Z",
		"2026-01-01T02:30:00Z" },
	{ "UTC", "30 2 * * *", "2026-01-01T02:30:00Z",
		"2026-01-02T02:30:00Z" },
	{ "UTC", "30 2 * * *", "2026-01-01T02:29:00.000001Z",
		"2026-01-01T02:30:00Z" },
	{ "UTC", "59 23 31 12 *", "2026-12-31T23:59:00Z",
		"2027-12-31T23:59:00Z" },
	{ "UTC", "0 0 29 2 *", "2096-02-29T00:00:00Z",
		"2104-02-29T00:00:00Z" },
	{ "UTC", "0 0 29 2 */7", "2088-02-29T00:00:00Z",
		"2128-02-29T00:00:00Z" },
	{ "UTC", "0 0 31 * *", "2026-01-31T00:00:00Z",
		"2026-03-31T00:00:00Z" },
	{ "UTC", "*/35 * * * *", "2026-01-01T00:35:00Z",
		"2026-01-01T01:00:00Z" },
	{ "UTC", "0 0 1 1 *", "9998-06-01T00:00:00Z",
		"9999-01-01T00:00:00Z" },
	{ "UTC", "0 0 1 1 *", "9999-06-01T00:00:00Z", "none" },
	{ "UTC", "* * * * *", "9999-12-31T23:59:59Z", "none" },
	{ "UTC", "0 0 1 1 *", "1970-01-01T00:00:00Z",
		"1971-01-01T00:00:00Z" },
	/* An offset of -00:44:30, and a change in the middle of a minute. */
	{ "Africa/Monrovia", "0 12 * * *", "1971-06-01T00:00:00Z",
		"1971-06-01T12:44:30Z" },
	{ "Africa/Monrovia", "15 0 7 1 *", "1972-01-01T00:00:00Z",
		"1972-01-07T00:44:30Z" },
	/* December 30 was left out: a change of a day skips for good. */
	{ "Pacific/Apia", "0 12 30 12 *", "2011-06-01T00:00:00Z",
		"2012-12-29T22:00:00Z" },
	{ "Pacific/Apia", "0 12 * * *", "2011-12-29T22:00:00Z",
		"2011-12-30T22:00:00Z" },
	/* Two hours are daylight saving time, three are not. */
	{ "Antarctica/Troll", "30 1 * * *", "2026-03-28T12:00:00Z",
		"2026-03-29T01:00:00Z" },
	{ "Antarctica/Casey", "30 3 * * *", "2009-10-17T00:00:00Z",
		"2009-10-18T16:30:00Z" },
	/* Always skipped, so it never comes. */
	{ "Europe/Rome", "*/30 2 25-31 3 */7", "2026-01-01T00:00:00Z",
		"none" },
	/* The repeated hour, when the next match is days ahead. */
	{ "Europe/Rome", "* 2 25 10 *", "2026-10-25T00:59:00Z",
		"2026-10-25T01:00:00Z" },
	{ "Europe/Rome", "30 2 25 10 *", "2026-10-25T00:30:00Z",
		"2027-10-25T00:30:00Z" },
	{ "Europe/Rome", "30 2 25 10 *", "2026-10-25T00:45:00Z",
		"2027-10-25T00:30:00Z" },
	{ "Europe/Rome", "30 2 29 3 *", "2026-03-29T00:59:59.999999Z",
		"2026-03-29T01:00:00Z" },
	{ "Europe/Rome", "30 2 29 3 *", "2026-03-29T01:00:00Z",
		"2027-03-29T00:30:00Z" },
	{ "Europe/Rome", "30 2 29 3 *", "2150-01-01T00:00:00Z",
		"2150-03-29T01:00:00Z" },
};
/* clang-format on */

static void
test_next(void)
{
	for (size_t i = 0; i < ARRAY_LEN(after); i++) {
		struct schedule s = schedule_of(after[i].schedule);
		const struct zone *z = zone_named(after[i].zone);
		int64_t next = 0;
		bool is = schedule_next(&s, z, instant(after[i].after), &next);
		char what[128];

		snprintf(what, sizeof(what), "\"%s\" in %s after %s",
		    after[i].schedule, after[i].zone, after[i].after);
		is_str(text_of(is, next), after[i].next, what);
	}
}

static void
test_due(void)
{
	/* clang-format off */
	static const struct {
		const char *schedule, *after, *until;
		size_t max, count;
		bool has_more;
		const char *first, *last;
	} rows[] = {
		{ "@hourly", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z",
			10, 0, false, "none", "none" },
		{ "@hourly", "2026-01-01T00:00:00Z", "2026-01-01T00:59:59Z",
			10, 0, false, "none", "none" },
		{ "@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z",
			10, 1, false, "2026-01-01T01:00:00Z",
			"2026-01-01T01:00:00Z" },
		{ "@hourly", "2026-01-01T00:00:00Z", "2026-01-01T10:30:00Z",
			10, 10, false, "2026-01-01T01:00:00Z",
			"2026-01-01T10:00:00Z" },
		{ "@hourly", "2026-01-01T00:00:00Z", "2026-01-01T11:00:00Z",
			10, 10, true, "2026-01-01T01:00:00Z",
			"2026-01-01T11:00:00Z" },
		{ "* * * * *", "2016-01-01T00:00:00Z", "2026-01-01T12:34:56Z",
			100, 100, true, "2016-01-01T00:01:00Z",
			"2026-01-01T12:34:00Z" },
		{ "@yearly", "1970-01-01T00:00:00Z", "2026-11-30T00:00:00Z",
			100, 56, false, "1971-01-01T00:00:00Z",
			"2026-01-01T00:00:00Z" },
		{ "@daily", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z",
			0, 0, true, "2026-01-02T00:00:00Z",
			"2026-01-09T00:00:00Z" },
		{ "0 0 29 2 */7", "1970-01-01T00:00:00Z",
			"2128-02-28T00:00:00Z", 2, 2, true,
			"1976-02-29T00:00:00Z", "2088-02-29T00:00:00Z" },
		{ "@daily", "2026-01-09T00:00:00Z", "2026-01-01T00:00:00Z",
			10, 0, false, "none", "none" },
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct schedule s = schedule_of(rows[i].schedule);
		struct schedule_due due;
		bool is;

		schedule_due(&s, zone_utc(), instant(rows[i].after),
		    instant(rows[i].until), rows[i].max, &due);
		is = due.count || due.has_more;
		is_int((long long)due.count, (long long)rows[i].count,
		    rows[i].schedule);
		ok(due.has_more == rows[i].has_more, "... and more");
		is_str(text_of(is, due.first_us), rows[i].first, "... first");
		is_str(text_of(is, due.last_us), rows[i].last, "... last");
	}
}

int
main(void)
{
	zones = zones_new(NULL);
	if (!zones)
		return EXIT_FAILURE;
	test_next();
	test_due();
	zones_free(zones);
	return tap_done();
}
