/*
 * ledger: what every caller has used, a row for each key, mode and day.
 *
 * Owns:   io7.daily_usage, and how a request's use gets there: by the tally of
 *         its worker, each second, through the janitor.
 * Not:    limits: it never refuses for what was used.
 * Limit:  a worker can keep TALLY_ENTRIES callers of a day that are not yet
 *         written down; while PostgreSQL is gone, one more has to wait.
 */
#ifndef IO7_FCGI_METER_LEDGER_H
#define IO7_FCGI_METER_LEDGER_H

#include "fcgi/identity/principal.h"
#include "fcgi/service.h"

enum ledger_outcome {
	LEDGER_OK,
	LEDGER_CLIENT_ERROR,
	LEDGER_SERVER_ERROR,
	LEDGER_RATE_LIMITED,
	LEDGER_QUOTA_EXCEEDED,
	LEDGER_OUTCOMES
};

/*
 * Makes sure that what this caller uses in that mode on that clock_day() can
 * be noted.
 * E_UNAVAILABLE where there is no room for it, within about two seconds.
 */
enum err ledger_reserve(struct req *, const struct principal *, enum mode,
    int32_t day) MUST_CHECK;

/* One request of it: called once, before the answer goes out. */
void ledger_note(struct req *, enum ledger_outcome, uint64_t credits,
    uint64_t bytes_in, uint64_t bytes_out);

/* The chore: writes down what all workers have noted. */
void ledger_flush(const struct service *, struct arena *);

#endif
