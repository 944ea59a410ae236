/*
 * usage_record: the layout of the usage journal, between worker and flusher.
 *
 * Owns:   the names of its entries and the numbers of its counters.
 * Not:    the journal itself, to which both are plain bytes and numbers.
 */
#ifndef IO7_FCGI_METER_USAGE_RECORD_H
#define IO7_FCGI_METER_USAGE_RECORD_H

#include "fcgi/meter/ledger.h"
#include "lib/shm/usage_journal.h"

/* The name of an entry. */
struct usage_record_name {
	struct uuid user;
	struct uuid key; /* all zero: a session or a token */
	int32_t day;
	uint32_t mode;
};

_Static_assert(sizeof(struct usage_record_name) == USAGE_JOURNAL_NAME,
    "without padding");

/* The counters of the outcomes come first, by enum ledger_outcome. */
enum usage_record_counter {
	USAGE_RECORD_CREDITS = LEDGER_OUTCOMES,
	USAGE_RECORD_BYTES_IN,
	USAGE_RECORD_BYTES_OUT,
	USAGE_RECORD_COUNTERS
};

_Static_assert(USAGE_RECORD_COUNTERS == (int)USAGE_JOURNAL_COUNTERS,
    "each has its counter");

#endif
