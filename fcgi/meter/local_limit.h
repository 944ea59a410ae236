/*
 * local_limit: what one worker grants by itself while Redis is down.
 *
 * Owns:   a table of windows, in this process only.
 * Not:    credits: those are counted on from the last lookup in the ledger.
 * Limit:  LOCAL_LIMIT_KEYS windows; in a set, the least recently used one is
 *         replaced.
 */
#ifndef IO7_FCGI_METER_LOCAL_LIMIT_H
#define IO7_FCGI_METER_LOCAL_LIMIT_H

#include "fcgi/meter/limit.h"

enum { LOCAL_LIMIT_KEYS = 1024 };

/*
 * Answers in place of Redis, as far as this worker can know. The question's
 * limit becomes this worker's share of it. A principal that was looked up over
 * a second ago, or on another day, is stale.
 */
void local_limit_ask(struct req *, struct limit_question *, struct principal *,
    struct limit_answer *);

#endif
