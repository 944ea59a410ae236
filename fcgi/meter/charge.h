/*
 * charge: credits for work outside of a request.
 *
 * The same counter in Redis and the same ledger as for requests, but the ledger
 * is written in the caller's transaction, so that work is charged exactly once.
 *
 * Limit:  while Redis is down, the ledger alone says what is left. It is up to a
 *         second behind the requests.
 */
#ifndef IO7_FCGI_METER_CHARGE_H
#define IO7_FCGI_METER_CHARGE_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"

struct charge {
	const struct service *service;
	struct arena *mem;
	struct uuid user;
	enum mode mode;          /* test: counted, never refused */
	int64_t credits_per_day; /* of the plan */
	int32_t day;             /* set by charge_take() */
	bool is_counted;         /* in Redis */
};

/* Takes one credit. E_QUOTA_EXCEEDED: there is none left today. */
enum err charge_take(struct charge *) MUST_CHECK;
/* Gives it back, if the transaction of charge_record() failed. */
void charge_return(struct charge *);
/* Writes what charge_take() returned to the ledger: OK, or the refusal. */
enum err charge_record(struct db_tx *, const struct charge *, enum err taken)
    MUST_CHECK;

#endif
