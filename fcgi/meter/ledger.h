/*
 * ledger: what each key used, a row per key, mode and day.
 *
 * Owns:   io7.daily_usage, and the way there: each worker counts in its usage
 *         journal, and the chore writes all journals to the table each second.
 * Not:    limits: it refuses no request because of its usage.
 * Limit:  USAGE_JOURNAL_ENTRIES keys a day may wait in a worker's journal.
 *         While PostgreSQL is down and the journal full, requests of other keys
 *         fail.
 */
#ifndef IO7_FCGI_METER_LEDGER_H
#define IO7_FCGI_METER_LEDGER_H

#include "fcgi/identity/principal.h"
#include "fcgi/service.h"

struct usage_journal_entry;

enum ledger_outcome {
	LEDGER_OK,
	LEDGER_CLIENT_ERROR,
	LEDGER_SERVER_ERROR,
	LEDGER_RATE_LIMITED,
	LEDGER_QUOTA_EXCEEDED,
	LEDGER_OUTCOMES
};

/*
 * Reserves the journal entry of this principal, mode and clock_day(), so that
 * an admitted request can be recorded. E_UNAVAILABLE if the journal stays full
 * for about two seconds.
 */
enum err ledger_reserve(struct req *, const struct principal *, enum mode,
    int32_t day, struct usage_journal_entry **) MUST_CHECK;

/* Records one request: called once, before the answer goes out. */
void ledger_note(struct usage_journal_entry *, enum ledger_outcome,
    uint64_t credits, uint64_t bytes_in, uint64_t bytes_out);

/* The chore: writes the journals of all workers to the table. */
void ledger_flush(const struct service *, struct arena *);

#endif
