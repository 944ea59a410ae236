/*
 * streams: how many streams an account has open at once.
 *
 * Owns:   the holder that stands in the slot of each worker on the board.
 * Not:    the pool's own size: nginx turns away what does not fit.
 * Limit:  the streams of one host; two that come at the same instant, with room
 *         for one, may both be refused.
 */
#ifndef IO7_FCGI_METER_STREAMS_H
#define IO7_FCGI_METER_STREAMS_H

#include "fcgi/identity/principal.h"

/* E_RATE_LIMITED where the plan, or fairness to others, allows no further one. */
enum err streams_enter(struct req *) MUST_CHECK;
void streams_leave(struct req *);

#endif
