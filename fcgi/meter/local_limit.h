/*
 * local_limit: what one worker grants by itself while Redis is away.
 *
 * Owns:   a table of windows, in this process alone.
 * Not:    credits: those are the ledger's, as of a caller's last lookup.
 * Limit:  SHARE_SUBJECTS at once; of a few that share a place, the one that
 *         was quiet for longest is forgotten.
 */
#ifndef IO7_FCGI_METER_LOCAL_LIMIT_H
#define IO7_FCGI_METER_LOCAL_LIMIT_H

#include "fcgi/meter/limit.h"

enum { LOCAL_LIMIT_KEYS = 1024 };

/*
 * What Redis would have said, as far as this worker can know; the question's
 * limit becomes its part of it. A caller who was looked up over a second ago,
 * or on another day, is stale.
 */
void local_limit_ask(struct req *, struct limit_question *,
    const struct principal *, struct limit_answer *);

#endif
