/*
 * meter: what a request may use, and what it used.
 *
 * Owns:   the one question to Redis per request, and the rate limit headers.
 * Not:    identifying the caller: identity does that.
 * Limit:  without Redis each worker grants its share of the minute's requests,
 *         and the day's credits are counted from the last lookup in the ledger.
 *         When Redis is back, the next lookup corrects its counter: within a
 *         minute.
 */
#ifndef IO7_FCGI_METER_METER_H
#define IO7_FCGI_METER_METER_H

#include "fcgi/identity/principal.h"

/* The meter of one request. */
struct meter;

/*
 * Counts and charges the request, in one round trip. If the cached principal
 * (NULL: none) is stale, nothing is counted: see meter_is_stale().
 * E_RATE_LIMITED, E_QUOTA_EXCEEDED: refused, and counted as such in the ledger.
 * E_RATE_LIMITED also if the credential may be invented, and its address has
 * sent too many of those. *meter is set as soon as the ledger can record the
 * request, also before an error.
 */
enum err meter_enter(struct req *, const struct credential *,
    struct principal *, struct meter **) MUST_CHECK;

/* True: look the credential up again, under *stamp, and enter once more. */
bool meter_is_stale(const struct meter *, struct revocation_stamp *stamp);

/* Counts a request without a valid credential against its address. */
enum err meter_address(struct req *) MUST_CHECK;

/* Charges more credits for further work; E_QUOTA_EXCEEDED. */
enum err meter_more(struct req *, struct meter *, unsigned credits) MUST_CHECK;

/* Gives back what was charged: the request was not admitted. */
void meter_refund(struct req *, struct meter *);

/* Part of the work is done: a 5xx gives nothing back. */
void meter_keep(struct meter *);

/*
 * Records the use in the ledger, and gives credits back after a 5xx. Called
 * when the answer is known: before it is sent, or after the end of a stream.
 */
void meter_leave(struct req *, struct meter *, int status);

#endif
