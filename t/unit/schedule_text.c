/*
 * Schedules in words, and that different texts of one schedule are one.
 */
#include "lib/time/schedule.h"
#include "t/unit/tap.h"

/* clang-format off */
static const struct {
	const char *text, *words;
} rows[] = {
	{ "* * * * *", "every minute" },
	{ "0-59 0-23 1-31 1-12 0-7", "every minute" },
	{ "*/1 * * * *", "every minute" },
	{ "*/15 * * * *", "every 15 minutes" },
	{ "0,15,30,45 * * * *", "every 15 minutes" },
	{ "*/30 * * * *", "every 30 minutes" },
	{ "0 * * * *", "every hour" },
	{ "*/60 * * * *", "every hour" },
	{ "@hourly", "every hour" },
	{ "5 * * * *", "at minute 5 of every hour" },
	{ "*/35 * * * *", "at minutes 0 and 35 of every hour" },
	{ "5-59/15 * * * *", "at minutes 5, 20, 35 and 50 of every hour" },
	{ "0-4,30 * * * *", "at minutes 0 to 4 and 30 of every hour" },
	{ "0,1,3 * * * *", "at minutes 0, 1 and 3 of every hour" },

	{ "30 2 * * *", "at 02:30 every day" },
	{ "@daily", "at 00:00 every day" },
	{ "@midnight", "at 00:00 every day" },
	{ "0 9,17 * * *", "at 09:00 and 17:00 every day" },
	{ "*/30 2 * * *", "at 02:00 and 02:30 every day" },
	{ "0 */6 * * *", "at 00:00, 06:00, 12:00 and 18:00 every day" },
	{ "0 */2 * * *", "every 2 hours from 00:00 every day" },
	{ "15 */8 * * *", "at 00:15, 08:15 and 16:15 every day" },
	{ "0 9-17 * * *", "every hour from 09:00 to 17:00 every day" },
	{ "30 9-17 * * *", "every hour from 09:30 to 17:30 every day" },
	{ "* 2 * * *", "every minute from 02:00 to 02:59 every day" },
	{ "*/15 9-17 * * *", "every 15 minutes from 09:00 to 17:45 every day" },
	{ "*/20 9,12 * * *", "every 20 minutes in hours 9 and 12 every day" },
	{ "5,10 1-3,9 * * *",
		"at minutes 5 and 10 of hours 1 to 3 and 9 every day" },
	{ "7 */4 * * *", "at minute 7 of hours 0, 4, 8, 12, 16 and 20 every day" },

	{ "0 9 * * MON-FRI", "at 09:00 on Monday to Friday" },
	{ "0 9 * * mon,wed,fri", "at 09:00 on Monday, Wednesday and Friday" },
	{ "0 9 * * 6,0", "at 09:00 on Saturday and Sunday" },
	{ "0 9 * * 7", "at 09:00 on Sunday" },
	{ "0 9 * * 0", "at 09:00 on Sunday" },
	{ "@weekly", "at 00:00 on Sunday" },
	{ "0 9 * * Fri-Sun", "at 09:00 on Friday to Sunday" },
	{ "0 9 * * 5-7", "at 09:00 on Friday to Sunday" },
	{ "0 9 * * SUN-TUE", "at 09:00 on Monday, Tuesday and Sunday" },
	{ "0 9 * * SUN-SUN", "at 09:00 on Sunday" },
	{ "0 9 * * */2", "at 09:00 on Tuesday, Thursday, Saturday and Sunday" },
	{ "*/10 * * * SAT", "every 10 minutes on Saturday" },

	{ "0 0 1 * *", "at 00:00 on day 1 of the month" },
	{ "@monthly", "at 00:00 on day 1 of the month" },
	{ "0 0 1,15 * *", "at 00:00 on days 1 and 15 of the month" },
	{ "0 0 1-7 * *", "at 00:00 on days 1 to 7 of the month" },
	{ "0 0 1 1 *", "at 00:00 on 1 January" },
	{ "@yearly", "at 00:00 on 1 January" },
	{ "@annually", "at 00:00 on 1 January" },
	{ "0 0 29 2 *", "at 00:00 on 29 February" },
	{ "0 0 1 JAN,APR,JUL,OCT *",
		"at 00:00 on day 1 of January, April, July and October" },
	{ "0 0 31 * *", "at 00:00 on day 31 of the month" },
	{ "30 6 * 6-8 *", "at 06:30 every day in June to August" },
	{ "*/5 * * 12 *", "every 5 minutes in December" },
	{ "0 9 * 6 1-5", "at 09:00 on Monday to Friday in June" },

	{ "0 0 13 * FRI",
		"at 00:00 on day 13 of the month and also on Friday" },
	{ "0 0 1,15 3 MON",
		"at 00:00 on days 1 and 15 of March and also on Monday in March" },
	{ "0 0 31 2 MON",
		"at 00:00 on 31 February and also on Monday in February" },
	{ "0 9 1-7 * */7",
		"at 09:00 on Sunday if the day of the month is 1 to 7" },
	{ "0 0 */10 6 MON", "at 00:00 on Monday in June if the day of the month"
		" is 1, 11, 21 and 31" },
	{ "0 0 1-31 * MON", "at 00:00 every day" },
	{ "0 0 13 * 0-6", "at 00:00 every day" },
	{ "0 0 13 * *", "at 00:00 on day 13 of the month" },
	{ "\t 0  0\t13 *\t* ", "at 00:00 on day 13 of the month" },
	{ "000 007 01 * *", "at 07:00 on day 1 of the month" },
};
/* clang-format on */

static void
test_words(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char problem[SCHEDULE_PROBLEM] = "", words[SCHEDULE_TEXT];
		struct schedule s;
		struct buf b;

		buf_init_fixed(&b, words, sizeof(words));
		if (ok(schedule_parse(str_of(rows[i].text), &s, problem),
			"\"%s\" is a schedule", rows[i].text))
			buf_schedule(&b, &s);
		else
			printf("# %s\n", problem);
		is_slice(buf_view(&b), rows[i].words, "... in words");
	}
}

/* As many words as any schedule has. */
static void
test_longest(void)
{
	static const struct schedule s = {
		.minutes = UINT64_C(0x0db6db6db6db6db6),
		.hours = 0xb6db6d,
		.days = 0xb6db6db6,
		.months = 0x1b6c,
		.weekdays = 0x6d,
	};
	char words[SCHEDULE_TEXT];
	struct buf b;

	buf_init_fixed(&b, words, sizeof(words));
	buf_schedule(&b, &s);
	ok(!b.failed && b.n < SCHEDULE_TEXT,
	    "the longest words fit their array");
	printf("# %.*s\n", STR_ARGS(buf_view(&b)));
}

static void
test_kinds(void)
{
	static const struct {
		const char *text;
		bool has_fixed_time, needs_both_days;
	} kinds[] = {
		{ "30 2 * * *", true, true },
		{ "30 2 1 * *", true, true },
		{ "30 2 1 * 1", true, false },
		{ "30 2 1-31 * 0-6", true, false },
		{ "30 2 */2 * 1", true, true },
		{ "30 2 1 * */2", true, true },
		{ "30 2 1,*/2 * 1", true, false },
		{ "*/30 2 * * *", false, true },
		{ "* 2 * * *", false, true },
		{ "30 * * * *", false, true },
		{ "30 */2 * * *", false, true },
		{ "0-59 0-23 * * *", true, true },
		{ "@hourly", false, true },
		{ "@daily", true, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char problem[SCHEDULE_PROBLEM];
		struct schedule s = { 0 };

		ok(schedule_parse(str_of(kinds[i].text), &s, problem) &&
			s.has_fixed_time == kinds[i].has_fixed_time &&
			s.needs_both_days == kinds[i].needs_both_days,
		    "\"%s\" %s a fixed time and needs %s day field%s",
		    kinds[i].text, kinds[i].has_fixed_time ? "has" : "has not",
		    kinds[i].needs_both_days ? "both" : "one",
		    kinds[i].needs_both_days ? "s" : "");
	}
}

int
main(void)
{
	test_words();
	test_longest();
	test_kinds();
	return tap_done();
}
