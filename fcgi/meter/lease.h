/*
 * lease: requests of one principal that Redis has counted in advance, so that
 * most requests far from all limits need no call to Redis.
 *
 * A lease lives for a second, or until its minute or day ends. All workers of a
 * host share it. Unused requests are subtracted from the counts again.
 *
 * Not:    near a limit, where requests are counted one by one; nor routes whose
 *         cost is not one credit.
 * Limit:  LEASE_REQUESTS_MAX requests a lease.
 */
#ifndef IO7_FCGI_METER_LEASE_H
#define IO7_FCGI_METER_LEASE_H

#include "fcgi/meter/limit.h"

enum { LEASE_REQUESTS_MAX = 256 };

/*
 * Takes a request from the lease. False if there is none, if the credential may
 * have changed since Redis last confirmed it, or if changes on other hosts may
 * have been missed. Then question.want is the number of requests to ask for.
 */
bool lease_enter(struct req *, const struct principal *,
    struct limit_question *, struct limit_answer *) MUST_CHECK;

/*
 * Keeps the requests that an answer granted beyond the first, changes the
 * answer to that of one request, and notes that Redis confirmed the principal
 * at that epoch.
 */
void lease_keep(struct req *, struct principal *, uint64_t epoch,
    const struct limit_question *, struct limit_answer *);

/* The epoch of a credential, to be read before Redis is asked about it. */
uint64_t lease_epoch(const struct req *, const struct credential *);

/* The chore: returns expired leases, or all when the process ends. */
void lease_return(const struct service *, struct arena *);

#endif
