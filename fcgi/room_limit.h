/*
 * room_limit: what the program limits, as rows that `io7 limits` prints.
 *
 * Not:    the check itself. A row takes its number from the code that makes the
 *         check, from an option, from the plans or from nginx's configuration.
 */
#ifndef IO7_FCGI_ROOM_LIMIT_H
#define IO7_FCGI_ROOM_LIMIT_H

#include "lib/base/err.h"

/* The headings of the table, in this order. */
enum limit_about {
	LIMITS_RATES,
	LIMITS_REQUESTS,
	LIMITS_CONNECTIONS,
	LIMITS_WAITING,
	LIMITS_VALUES,
	LIMITS_LISTS,
	LIMITS_TRANSFORMS,
	LIMITS_DATABASES,
	LIMITS_WORK,
	LIMITS_CRON,
	LIMITS_ACCOUNTS,
	LIMITS_COUNT
};

struct room_limit {
	enum limit_about about;
	const char *what, *per;
	/* The number, if it is a constant, and its unit. */
	int64_t value;
	const char *unit;
	/* Where else the number comes from. */
	const char *option; /* IO7_... */
	const char *plan;   /* a column of io7.plans */
	const char *nginx;  /* "directive value", in conf/nginx */
	/* The answer beyond the limit, and its details.field. OK: see effect. */
	enum err err;
	const char *field;
	const char *effect;
};

/* Limits of the whole program, besides those of the rooms. */
extern const struct room_limit base_limits[];
extern const size_t base_limits_count;

#endif
