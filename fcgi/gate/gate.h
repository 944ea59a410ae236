/*
 * gate: the checks before a handler runs, and the bookkeeping after it.
 *
 * Owns:   the order of both.
 * Not:    rules of a single room.
 */
#ifndef IO7_FCGI_GATE_GATE_H
#define IO7_FCGI_GATE_GATE_H

#include "fcgi/http/req.h"
#include "fcgi/identity/credential.h"

struct claim;
struct meter;

/* The state of the gate for one request. */
struct gate {
	struct credential credential;
	struct meter *meter; /* NULL: not metered */
	struct claim *claim; /* NULL: no Idempotency-Key */
};

/*
 * Makes the checks that the route's row asks for; returns the first failure. If
 * the answer has a status after OK, it is complete, and no handler runs.
 */
enum err gate_pass(struct req *) MUST_CHECK;

/*
 * Records what the request used. Called when the answer is known: before it is
 * sent, or after the end of a stream.
 */
void gate_leave(struct req *, int status);

/*
 * To be called before a handler reads keys that it does not return.
 * E_RATE_LIMITED: too many requests of the account do that at the same time.
 */
enum err gate_enter_scan(struct req *) MUST_CHECK;

/* Charges more credits for further work. E_QUOTA_EXCEEDED: do not do it. */
enum err gate_charge(struct req *, unsigned credits) MUST_CHECK;

/* Gives back what was charged, because no work was done. */
void gate_refund(struct req *);

/* Part of the work is done: a 5xx gives no credits back. */
void gate_keep_charge(struct req *);

#endif
