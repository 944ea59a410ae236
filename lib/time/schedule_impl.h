/*
 * schedule_impl: one field of a schedule, and the sentence that refuses it.
 */
#ifndef IO7_LIB_TIME_SCHEDULE_IMPL_H
#define IO7_LIB_TIME_SCHEDULE_IMPL_H

#include "lib/time/schedule.h"

/* Sunday is 0 or 7. */
enum { SCHEDULE_SUNDAY = 7, SCHEDULE_QUOTED = 24 };

enum schedule_field {
	SCHEDULE_MINUTE,
	SCHEDULE_HOUR,
	SCHEDULE_DAY,
	SCHEDULE_MONTH,
	SCHEDULE_WEEKDAY,
	SCHEDULE_FIELDS
};

/* Bit n of the set stands for n; a weekday has bits 0 to 7. */
bool schedule_parse_field(enum schedule_field, struct str text, uint64_t *set,
    char problem[SCHEDULE_PROBLEM]) MUST_CHECK;

/* Always false. With a field, the sentence begins with "The NAME field ". */
bool schedule_refuse(char problem[SCHEDULE_PROBLEM], const char *field,
    const char *format, ...) PRINTF_LIKE(3, 4);

/* A text of the user for "%.*s%s", cut if it is long. */
#define SCHEDULE_QUOTE(s)                                                \
	(int)((s).n > SCHEDULE_QUOTED ? SCHEDULE_QUOTED : (s).n), (s).p, \
	    (s).n > SCHEDULE_QUOTED ? "..." : ""

#endif
