/*
 * limit: asks Redis, once per request, whether it may pass and what is left.
 *
 * Owns:   limit.lua, and the names of what it keeps in Redis: each of them
 *         begins with "io7" and is forgotten in time.
 * Not:    what to do where Redis is away: that is meter's.
 * Limit:  two minutes for a window, a day and a little for a day's credits.
 */
#ifndef IO7_FCGI_METER_LIMIT_H
#define IO7_FCGI_METER_LIMIT_H

#include "fcgi/identity/principal.h"
#include "fcgi/meter/window.h"

/* In limit.lua too. */
enum limit_verdict {
	LIMIT_PASS,
	LIMIT_STALE,      /* the epoch is another one */
	LIMIT_NO_COUNTER, /* nobody knows what was used today */
	LIMIT_RATE,
	LIMIT_QUOTA,
};

/* "io7r", of whom, and the digits of the id. */
struct limit_key {
	char text[48];
	size_t n;
};

/* Keys are limited each by itself, sessions and tokens with their user. */
void limit_key_of_principal(const struct principal *, struct limit_key *);
/* An IPv4 address, or the /64 that an IPv6 one lies in. */
void limit_key_of_address(struct str text, struct limit_key *);

/* Seconds until that day, counted from 1970, is over. */
int64_t limit_day_left_s(int32_t day, int64_t wall_us);

enum { LIMIT_UNKNOWN = -1 };

struct limit_question {
	int64_t wall_us;

	const struct credential *credential; /* NULL: no epoch */
	const struct revocation_stamp
	    *expected; /* NULL: whichever it is, look */

	const struct limit_key *limit_key; /* NULL: no window */
	int64_t requests;                  /* a minute */

	const struct uuid *user; /* NULL: no credits */
	int32_t day;             /* since 1970 */
	int64_t allowance, ledger;
	int64_t cost; /* below zero: given back */
};

struct limit_answer {
	enum limit_verdict verdict;
	struct revocation_stamp stamp;
	struct window window;
	int64_t used; /* credits, this request's among them */
};

/* False where Redis is away. */
bool limit_ask(struct req *, const struct limit_question *,
    struct limit_answer *) MUST_CHECK;

#endif
