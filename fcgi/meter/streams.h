/*
 * streams: limits how many streams an account has open at the same time.
 *
 * Owns:   the holder in each worker's slot of the scoreboard.
 * Not:    the size of the pool: nginx refuses what does not fit.
 * Limit:  counts the streams of one host. Two that begin at the same instant,
 *         with room for one, may both be refused.
 */
#ifndef IO7_FCGI_METER_STREAMS_H
#define IO7_FCGI_METER_STREAMS_H

#include "fcgi/identity/principal.h"

/* E_RATE_LIMITED if the plan, or fairness to other accounts, allows no more. */
enum err streams_enter(struct req *) MUST_CHECK;
void streams_leave(struct req *);

#endif
