/*
 * meter: what a request may still use, and what it did use.
 *
 * Owns:   the one question to Redis per request, and the headers about limits.
 * Not:    who asks: account knows that.
 * Limit:  without Redis each worker grants its share of the minute, and the
 *         day's use is what the ledger said at the last lookup. When Redis is
 *         back, it learns what it has missed at the next: within a minute.
 */
#ifndef IO7_FCGI_METER_METER_H
#define IO7_FCGI_METER_METER_H

#include "fcgi/identity/principal.h"

/*
 * Counts and charges the request, in one round trip. Where what is known of the
 * caller (NULL: nothing) does not hold any more, nothing is counted, and
 * *stale is true: look it up under *epoch, and ask again.
 * E_RATE_LIMITED, E_QUOTA_EXCEEDED: refused, and noted in the ledger.
 */
enum err meter_enter(struct req *, const struct credential *,
    const struct principal *, bool *stale, struct revocation_stamp *)
    MUST_CHECK;

/*
 * Counts a request of nobody, or of a credential that nobody has, against its
 * address.
 */
enum err meter_address(struct req *) MUST_CHECK;

/* Further credits, for work that turns out to be more; E_QUOTA_EXCEEDED. */
enum err meter_more(struct req *, unsigned credits) MUST_CHECK;

/* It was not let in, or the fault is ours: what was charged is given back. */
void meter_forgive(struct req *);

/* Part of the work is done and stays: it is paid for, whatever the answer. */
void meter_keep(struct req *);

/*
 * The answer is known: notes what was used, gives it back where the fault was
 * ours. Before the answer is sent; after it for a stream.
 */
void meter_leave(struct req *, int status);

#endif
