/*
 * posix_tz: the rule of a TZ string, such as "CET-1CEST,M3.5.0,M10.5.0/3".
 *
 * It is the footer of a TZif file, and holds for all time after its table.
 *
 * Owns:   no memory: a rule is a value.
 * Limit:  abbreviations of 3 to 15 characters; daylight saving time needs both
 *         its dates.
 */
#ifndef IO7_LIB_TIME_POSIX_TZ_H
#define IO7_LIB_TIME_POSIX_TZ_H

#include "lib/base/str.h"

enum { TZ_ABBREVIATION = 16 };

struct tz_kind {
	int32_t offset; /* seconds east of UTC */
	char abbreviation[TZ_ABBREVIATION];
};

/* The local time of a change, in each year. */
struct tz_change {
	/*
	 * 'M': the week (5 is the last) and weekday of a month; 'J': a day of
	 * 1 to 365 without February 29; 'N': a day of 0 to 365.
	 */
	char form;
	int month, week, day;
	int32_t seconds; /* after midnight, -167 to 167 hours */
};

struct tz_rule {
	struct tz_kind standard, daylight;
	bool has_daylight;
	struct tz_change begin, end; /* of daylight saving time */
};

bool posix_tz_parse(struct str, struct tz_rule *) MUST_CHECK;

/*
 * Whether daylight saving time is in force at that second since 1970, and the
 * changes around it: *begin at or before it, *end after it.
 */
bool posix_tz_at(const struct tz_rule *, int64_t second, int64_t *begin,
    int64_t *end);

#endif
