/*
 * usage_record: how the ledger's notes lie in the tally, from the worker to the janitor.
 *
 * Owns:   the names of its entries and the numbers of its counters.
 * Not:    the tally: that knows bytes and numbers only.
 * Limit:  none.
 */
#ifndef IO7_FCGI_METER_USAGE_RECORD_H
#define IO7_FCGI_METER_USAGE_RECORD_H

#include "fcgi/meter/ledger.h"

/* Whose entry it is. */
struct usage_record_name {
	struct uuid user;
	struct uuid key; /* all zero: of a session or a token */
	int32_t day;
	uint32_t mode;
};

_Static_assert(sizeof(struct usage_record_name) == USAGE_JOURNAL_NAME,
    "without padding");

/* The outcomes come first, each with its own number. */
enum usage_record_counter {
	USAGE_RECORD_CREDITS = LEDGER_OUTCOMES,
	USAGE_RECORD_BYTES_IN,
	USAGE_RECORD_BYTES_OUT,
	USAGE_RECORD_COUNTERS
};

_Static_assert(USAGE_RECORD_COUNTERS == (int)USAGE_JOURNAL_COUNTERS,
    "each has its place");

#endif
