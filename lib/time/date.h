/*
 * date: days of the Gregorian calendar, counted from 1970-01-01.
 *
 * Limit:  years that fit an int32_t when counted in days.
 */
#ifndef IO7_LIB_TIME_DATE_H
#define IO7_LIB_TIME_DATE_H

#include "lib/base/base.h"

enum { SECONDS_A_DAY = 86400 };

struct date {
	int year, month, day; /* month and day from 1 */
};

int64_t date_to_day(int year, int month, int day);
struct date date_of_day(int64_t day);
/* 0 to 6, from Sunday. */
int date_weekday(int64_t day);
int date_month_days(int year, int month);

/* Division that rounds down, also below zero; its remainder is not negative. */
int64_t floor_div(int64_t, int64_t by);
int64_t floor_mod(int64_t, int64_t by);

#endif
