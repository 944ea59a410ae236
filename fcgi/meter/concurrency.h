/*
 * concurrency: limits how many streams and scans an account has at the same
 * time.
 *
 * Owns:   the holder in each worker's slot of the scoreboard.
 * Not:    the size of the pool: nginx refuses what does not fit.
 * Limit:  counts those of one host. Two that begin at the same instant, with
 *         room for one, may both be refused.
 */
#ifndef IO7_FCGI_METER_CONCURRENCY_H
#define IO7_FCGI_METER_CONCURRENCY_H

#include "fcgi/identity/principal.h"

/* Of the workers of a pool, for one account. */
enum { CONCURRENCY_STREAMS_PERCENT = 75, CONCURRENCY_SCANS_PERCENT = 50 };

/* E_RATE_LIMITED if the plan, or fairness to other accounts, allows no more. */
enum err concurrency_enter_stream(struct req *) MUST_CHECK;
/*
 * A scan reads keys that it does not return. E_RATE_LIMITED if half of the
 * pool's workers scan for the account.
 */
enum err concurrency_enter_scan(struct req *) MUST_CHECK;
void concurrency_leave(struct req *);

#endif
