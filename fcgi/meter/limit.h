/*
 * limit: asks Redis whether a request may pass, and what is left.
 *
 * Owns:   limit.lua and the names of its keys in Redis: each begins with "io7"
 *         and expires.
 * Not:    what to do while Redis is down: see local_limit.
 * Limit:  a window is kept for two minutes, a day's credits for that day.
 */
#ifndef IO7_FCGI_METER_LIMIT_H
#define IO7_FCGI_METER_LIMIT_H

#include "fcgi/identity/principal.h"
#include "fcgi/meter/window.h"

struct cache;

/* The same numbers as in limit.lua. */
enum limit_verdict {
	LIMIT_PASS,
	LIMIT_STALE,      /* the revocation stamp is not the expected one */
	LIMIT_NO_COUNTER, /* Redis has no count of today's credits */
	LIMIT_RATE,
	LIMIT_QUOTA,
	LIMIT_ACCOUNT, /* LIMIT_RATE, of all keys of the account together */
};

/* The name of a window: "io7r", a letter for its kind, and the id in hex. */
struct limit_key {
	char text[48];
	size_t n;
};

/* Each API key has a window; sessions and tokens share their user's. */
void limit_key_of_principal(const struct principal *, struct limit_key *);
/* An IPv4 address, or the /64 of an IPv6 address. */
void limit_key_of_address(struct str text, struct limit_key *);

/* All keys, sessions and tokens of an account have one more window together. */
void limit_key_of_account(struct uuid user, struct limit_key *);

/* Seconds to the end of a day, given in days since 1970. */
int64_t limit_day_left_s(int32_t day, int64_t wall_us);

enum {
	LIMIT_UNKNOWN = -1,
	LIMIT_ACCOUNT_KEYS = 4, /* an account has the limit of so many keys */
};

struct limit_question {
	int64_t wall_us;

	const struct credential *credential; /* NULL: check no stamp */
	/* NULL: answer LIMIT_STALE with the current stamp. */
	const struct revocation_stamp *expected;

	const struct limit_key *limit_key;   /* NULL: no window */
	int64_t requests;                    /* the limit, per minute */
	const struct limit_key *account_key; /* NULL: no account */
	/*
	 * The credential is unknown here, and the window is that of its
	 * address: answer LIMIT_RATE instead of LIMIT_STALE if that is full and
	 * there is no stamp. Nothing is counted.
	 */
	bool is_lookup;

	const struct uuid *user; /* NULL: no credits */
	int32_t day;             /* since 1970 */
	int64_t allowance;       /* credits a day */
	int64_t ledger;          /* credits used; LIMIT_UNKNOWN */
	int64_t cost;            /* credits; negative: give back */
	int64_t want;            /* requests to count in advance; 0: one */
};

struct limit_answer {
	enum limit_verdict verdict;
	struct revocation_stamp stamp;
	struct window window;
	int64_t used;    /* credits, with those of all that were counted */
	int64_t granted; /* requests counted, if the verdict is LIMIT_PASS */
};

/*
 * False while Redis is down. More than one request is counted only far from all
 * limits.
 */
bool limit_ask(const struct service *, struct arena *,
    const struct limit_question *, struct limit_answer *) MUST_CHECK;

/* Requests that were counted but not made, for one credit each. */
struct limit_rest {
	struct limit_key limit_key;
	struct uuid user;
	bool is_charged;
	int32_t day;
	int64_t minute, requests;
};

/* Subtracts them from the counts, unless their minute or day has ended. */
bool limit_return(struct cache *, const struct limit_rest *) MUST_CHECK;

#endif
