/*
 * book: how the ledger's notes lie in the tally, from the worker to the janitor.
 *
 * Owns:   the names of its entries and the numbers of its counters.
 * Not:    the tally: that knows bytes and numbers only.
 * Limit:  none.
 */
#ifndef IO7_FCGI_METER_USAGE_RECORD_H
#define IO7_FCGI_METER_USAGE_RECORD_H

#include "fcgi/meter/ledger.h"

/* Whose entry it is. */
struct book_name {
	struct uuid user;
	struct uuid key; /* all zero: of a session or a token */
	int32_t day;
	uint32_t mode;
};

_Static_assert(sizeof(struct book_name) == TALLY_NAME, "without padding");

/* The outcomes come first, each with its own number. */
enum book_counter {
	BOOK_CREDITS = LEDGER_OUTCOMES,
	BOOK_BYTES_IN,
	BOOK_BYTES_OUT,
	BOOK_COUNTERS
};

_Static_assert(BOOK_COUNTERS == (int)TALLY_COUNTERS, "each has its place");

#endif
