/*
 * concurrency: limits how many streams, scans and slow requests an account has
 * at the same time.
 *
 * Owns:   the holder and the account in each worker's slot of the scoreboard.
 * Not:    the size of the pool: nginx refuses what does not fit.
 * Limit:  counts those of one host. Two that begin at the same instant, with
 *         room for one, may both be refused.
 */
#ifndef IO7_FCGI_METER_CONCURRENCY_H
#define IO7_FCGI_METER_CONCURRENCY_H

#include "fcgi/identity/principal.h"

/* Of the workers of a pool, for one account. */
enum {
	CONCURRENCY_STREAMS_PERCENT = 75,
	CONCURRENCY_SCANS_PERCENT = 50,
	CONCURRENCY_SLOW_PERCENT = 33,
	CONCURRENCY_SLOW_MIN = 3,
};

/*
 * E_RATE_LIMITED if all workers of the pool are busy, a third of them and at
 * least three with slow requests of this account, and requests of other
 * accounts come too. Slow means much slower than those of the others. Without
 * others an account may use the whole pool.
 */
enum err concurrency_enter(struct req *, const struct principal *) MUST_CHECK;

/* How many streams of one account a pool of that size admits. */
size_t concurrency_streams(size_t workers);

/* E_RATE_LIMITED if the plan, or fairness to other accounts, allows no more. */
enum err concurrency_enter_stream(struct req *) MUST_CHECK;
/*
 * A scan reads keys that it does not return. E_RATE_LIMITED if half of the
 * pool's workers scan for the account.
 */
enum err concurrency_enter_scan(struct req *) MUST_CHECK;
void concurrency_leave(struct req *);

#endif
