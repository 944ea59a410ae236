/*
 * Years begin in March here, so that the leap day is the last of its year, and
 * days are counted within eras of 400 years, after which the calendar repeats.
 */
#include "lib/time/date.h"

enum {
	YEARS_AN_ERA = 400,
	DAYS_AN_ERA = 146097,
	/* From 0000-03-01 to 1970-01-01. */
	DAYS_TO_1970 = 719468,
	THURSDAY = 4,
};

int64_t
floor_div(int64_t a, int64_t by)
{
	return a / by - (a % by < 0);
}

int64_t
floor_mod(int64_t a, int64_t by)
{
	return a % by + (a % by < 0 ? by : 0);
}

int64_t
date_to_day(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = floor_div(y, YEARS_AN_ERA);
	int64_t of_era = y - era * YEARS_AN_ERA;
	int months = (month + 9) % 12;
	int64_t of_year = (153 * months + 2) / 5 + day - 1;

	return era * DAYS_AN_ERA + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - DAYS_TO_1970;
}

struct date
date_of_day(int64_t day)
{
	int64_t days = day + DAYS_TO_1970;
	int64_t era = floor_div(days, DAYS_AN_ERA);
	int of_era = (int)(days - era * DAYS_AN_ERA);
	int year =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int months = (5 * of_year + 2) / 153;
	int month = months < 10 ? months + 3 : months - 9;

	return (struct date){
		.year = (int)(era * YEARS_AN_ERA) + year + (month <= 2),
		.month = month,
		.day = of_year - (153 * months + 2) / 5 + 1,
	};
}

int
date_weekday(int64_t day)
{
	return (int)floor_mod(day + THURSDAY, 7);
}

int
date_month_days(int year, int month)
{
	if (month == 2)
		return year % 4 == 0 && (year % 100 || year % 400 == 0) ? 29
									: 28;
	return 30 + (month + month / 8) % 2;
}
