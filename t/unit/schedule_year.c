/*
 * A year of 60 schedules in four zones. How often each runs in the year, and
 * when in the hours around both changes of the clock, was worked out by hand.
 * All times are in UTC.
 */
#include "lib/os/clock.h"
#include "lib/time/schedule.h"
#include "lib/time/zones.h"
#include "t/unit/tap.h"

struct row {
	const char *schedule;
	int runs;
	const char *spring, *autumn;
};

/* clang-format off */

/*
 * Spring, 03-29:  00:00 is 01:00 CET    Autumn, 10-25:  00:00 is 02:00 CEST
 *                 01:00 is 03:00 CEST                   01:00 is 02:00 CET
 *                 02:00 is 04:00                        02:00 is 03:00
 */
static const struct row rome[] = {
	{ "30 2 * * *", 365, "01:00", "00:30" },
	{ "0 2 * * *", 365, "01:00", "00:00" },
	{ "0 3 * * *", 365, "01:00", "02:00" },
	{ "0,30 2 * * *", 729, "01:00", "00:00 00:30" },
	{ "30 2,3 * * *", 730, "01:00 01:30", "00:30 02:30" },
	{ "0 1-4 * * *", 1459, "00:00 01:00 02:00", "00:00 02:00 03:00" },
	{ "*/30 2 * * *", 730, "", "00:00 00:30 01:00 01:30" },
	{ "*/30 * * * *", 17520,
		"00:00 00:30 01:00 01:30 02:00 02:30 03:00 03:30",
		"00:00 00:30 01:00 01:30 02:00 02:30 03:00 03:30" },
	{ "*/35 * * * *", 17520,
		"00:00 00:35 01:00 01:35 02:00 02:35 03:00 03:35",
		"00:00 00:35 01:00 01:35 02:00 02:35 03:00 03:35" },
	{ "30 * * * *", 8760, "00:30 01:30 02:30 03:30",
		"00:30 01:30 02:30 03:30" },
	{ "0 */2 * * *", 4380, "02:00", "00:00 01:00 03:00" },
	{ "30 2 29 * *", 11, "01:00", "" },
	{ "30 2 * * SUN", 52, "01:00", "00:30" },
	{ "30 2 25 10 *", 1, "", "00:30" },
	{ "30 2 25 * MON", 63, "", "00:30" },
};

/*
 * Spring, 03-08:  06:00 is 01:00 EST    Autumn, 11-01:  05:00 is 01:00 EDT
 *                 07:00 is 03:00 EDT                    06:00 is 01:00 EST
 *                 08:00 is 04:00                        07:00 is 02:00
 */
static const struct row new_york[] = {
	{ "15 2 * * *", 365, "07:00", "07:15" },
	{ "15 1 * * *", 365, "06:15", "05:15" },
	{ "59 1 * * *", 365, "06:59", "05:59" },
	{ "0 3 * * *", 365, "07:00", "08:00" },
	{ "@daily", 365, "05:00", "04:00" },
	{ "@hourly", 8760, "05:00 06:00 07:00 08:00 09:00",
		"04:00 05:00 06:00 07:00 08:00" },
	{ "0 0-3 * * *", 1459, "05:00 06:00 07:00", "04:00 05:00 07:00 08:00" },
	{ "*/30 1 * * *", 732, "06:00 06:30", "05:00 05:30 06:00 06:30" },
	{ "*/30 2 * * *", 728, "", "07:00 07:30" },
	{ "20-40/10 2 * * *", 1093, "07:00", "07:20 07:30 07:40" },
	{ "0 */3 * * *", 2920, "05:00 07:00", "04:00 08:00" },
	{ "45 1,2 * * SUN", 104, "06:45 07:00", "05:45 07:45" },
	{ "0 2 8 3 *", 1, "07:00", "" },
	{ "0 2 8-14 3 */7", 1, "07:00", "" },
	{ "30 1 1 11 *", 1, "", "05:30" },
};

/*
 * The clock changes by half an hour.
 * Spring, 10-03:  15:00 is 01:30        Autumn, 04-04:  14:30 is 01:30
 *                 15:30 is 02:30                        15:00 is 01:30
 *                 16:00 is 03:00                        15:30 is 02:00
 */
static const struct row lord_howe[] = {
	{ "15 2 * * *", 365, "15:30", "15:45" },
	{ "30 2 * * *", 365, "15:30", "16:00" },
	{ "45 1 * * *", 365, "15:15", "14:45" },
	{ "30 1 * * *", 365, "15:00", "14:30" },
	{ "0,20 2 * * *", 729, "15:30", "15:30 15:50" },
	{ "0,40 2 * * *", 730, "15:30 15:40", "15:30 16:10" },
	{ "*/30 * * * *", 17520,
		"13:30 14:00 14:30 15:00 15:30 16:00 16:30 17:00",
		"13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30" },
	{ "0 * * * *", 8759, "13:30 14:30 16:00 17:00",
		"13:00 14:00 15:30 16:30" },
	{ "30 * * * *", 8761, "14:00 15:00 15:30 16:30",
		"13:30 14:30 15:00 16:00" },
	{ "*/20 * * * *", 26279,
		"13:30 13:50 14:10 14:30 14:50 15:10 15:40 16:00 16:20 16:40"
		" 17:00 17:20",
		"13:00 13:20 13:40 14:00 14:20 14:40 15:10 15:30 15:50 16:10"
		" 16:30 16:50" },
	{ "*/10 2 * * *", 2187, "15:30 15:40 15:50",
		"15:30 15:40 15:50 16:00 16:10 16:20" },
	{ "50 1 5 4 *", 1, "", "14:50" },
	{ "10 2 4 10 *", 1, "15:30", "" },
	{ "@daily", 365, "13:30", "13:00" },
	{ "45 1 * * 0", 52, "15:15", "14:45" },
};

/*
 * The clock changes at midnight.
 * Spring, 11-04:  02:00 is 23:00        Autumn, 02-18:  01:00 is 23:00
 *                 03:00 is 01:00                        02:00 is 23:00
 *                 04:00 is 02:00                        03:00 is 00:00
 */
static const struct row sao_paulo[] = {
	{ "0 0 * * *", 365, "03:00", "03:00" },
	{ "30 0 * * *", 365, "03:00", "03:30" },
	{ "0 1 * * *", 365, "03:00", "04:00" },
	{ "0 0,1 * * *", 729, "03:00", "03:00 04:00" },
	{ "30 23 * * *", 365, "02:30", "01:30" },
	{ "@hourly", 8760, "01:00 02:00 03:00 04:00 05:00",
		"00:00 01:00 02:00 03:00 04:00" },
	{ "*/30 23 * * *", 732, "02:00 02:30", "01:00 01:30 02:00 02:30" },
	{ "*/30 0 * * *", 728, "", "03:00 03:30" },
	{ "0 */6 * * *", 1459, "", "03:00" },
	{ "0 0 4 11 *", 1, "03:00", "" },
	{ "45 0 1-7 11 */7", 1, "03:00", "" },
	{ "@weekly", 52, "03:00", "03:00" },
	{ "30 23 17 2 *", 1, "", "01:30" },
	{ "30 23 * * SAT", 52, "02:30", "01:30" },
	{ "@monthly", 12, "", "" },
};

/* The first instant, and the first one after it. */
struct window {
	const char *begin, *end;
};

static const struct place {
	const char *zone;
	struct window year, spring, autumn;
	const struct row *rows;
	size_t n;
} places[] = {
	{ "Europe/Rome",
		{ "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z" },
		{ "2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z" },
		{ "2026-10-25T00:00:00Z", "2026-10-25T04:00:00Z" },
		ROWS(rome) },
	{ "America/New_York",
		{ "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z" },
		{ "2026-03-08T05:00:00Z", "2026-03-08T10:00:00Z" },
		{ "2026-11-01T04:00:00Z", "2026-11-01T09:00:00Z" },
		ROWS(new_york) },
	{ "Australia/Lord_Howe",
		{ "2025-12-31T13:00:00Z", "2026-12-31T13:00:00Z" },
		{ "2026-10-03T13:30:00Z", "2026-10-03T17:30:00Z" },
		{ "2026-04-04T13:00:00Z", "2026-04-04T17:00:00Z" },
		ROWS(lord_howe) },
	{ "America/Sao_Paulo",
		{ "2018-01-01T02:00:00Z", "2019-01-01T02:00:00Z" },
		{ "2018-11-04T01:00:00Z", "2018-11-04T06:00:00Z" },
		{ "2018-02-18T00:00:00Z", "2018-02-18T05:00:00Z" },
		ROWS(sao_paulo) },
};
/* clang-format on */

static int64_t
instant(const char *text)
{
	int64_t us;

	if (!clock_read(str_of(text), &us))
		abort();
	return us;
}

static bool
is_in(const struct window *w, int64_t us)
{
	return us >= instant(w->begin) && us < instant(w->end);
}

/* Adds "15:04" to the list. */
static void
add_time(struct buf *list, int64_t us)
{
	char text[CLOCK_TEXT];

	clock_text(us, text);
	buf_printf(list, "%s%.5s", list->n ? " " : "", text + 11);
}

static void
test_row(const struct place *p, const struct zone *zone, const struct row *row)
{
	char problem[SCHEDULE_PROBLEM], room[2][128], what[64];
	struct buf spring, autumn;
	int64_t us = instant(p->year.begin) - 1;
	struct schedule s = { 0 };
	int runs = 0;

	buf_init_fixed(&spring, room[0], sizeof(room[0]));
	buf_init_fixed(&autumn, room[1], sizeof(room[1]));
	if (!ok(schedule_parse(str_of(row->schedule), &s, problem),
		"\"%s\" in %s", row->schedule, p->zone))
		return;
	while (schedule_next(&s, zone, us, &us) && is_in(&p->year, us)) {
		runs++;
		if (is_in(&p->spring, us))
			add_time(&spring, us);
		if (is_in(&p->autumn, us))
			add_time(&autumn, us);
	}
	snprintf(what, sizeof(what), "... runs %d times a year", row->runs);
	is_int(runs, row->runs, what);
	is_slice(buf_view(&spring), row->spring, "... in spring");
	is_slice(buf_view(&autumn), row->autumn, "... in autumn");
}

int
main(void)
{
	struct zones *zones = zones_new(NULL);

	for (size_t i = 0; zones && i < ARRAY_LEN(places); i++) {
		const struct place *p = &places[i];
		const struct zone *zone;
		const char *problem;

		if (!ok(zones_find(zones, str_of(p->zone), &zone, &problem) ==
			    OK,
			"%s is a zone", p->zone))
			continue;
		for (size_t j = 0; j < p->n; j++)
			test_row(p, zone, &p->rows[j]);
	}
	zones_free(zones);
	return tap_done();
}
