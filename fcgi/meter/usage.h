/*
 * usage: what the ledger says of one user, as answers and commands tell it.
 *
 * Owns:   the names that it has there.
 * Not:    the ledger itself; nor what it does not say yet: it is up to a second
 *         late.
 * Limit:  USAGE_DAYS days at once.
 */
#ifndef IO7_FCGI_METER_USAGE_H
#define IO7_FCGI_METER_USAGE_H

#include "fcgi/identity/principal.h"

struct usage_list_row;

enum { USAGE_DAYS = 365, USAGE_DAYS_USUAL = 30 };

/* Adds what one row counts to another's counters. */
void usage_add(struct usage_list_row *to, const struct usage_list_row *);

/*
 * The members of a JSON object: requests, credits, outcomes, bytes_in and
 * bytes_out.
 */
void usage_counts(struct buf *, const struct usage_list_row *);

/*
 * The members date, credits, limit, remaining and resets_at: the allowance of
 * a day, which only live mode is charged against.
 */
void usage_allowance(struct buf *, const struct plan *, int32_t today,
    int64_t credits);

/* An object for each row, of its day and mode, with commas between. */
void usage_days(struct buf *, const struct usage_list_row *, size_t n);

#endif
