/*
 * usage: one user's rows of the ledger as JSON, for answers and commands.
 *
 * Owns:   the names of the members.
 * Not:    the ledger itself, which is up to a second behind.
 * Limit:  USAGE_DAYS days at a time.
 */
#ifndef IO7_FCGI_METER_USAGE_H
#define IO7_FCGI_METER_USAGE_H

#include "fcgi/identity/principal.h"

struct usage_list_row;

enum { USAGE_DAYS = 365, USAGE_DAYS_USUAL = 30 };

/* Adds the counters of a row to those of another. */
void usage_add(struct usage_list_row *to, const struct usage_list_row *);

/*
 * The members of a JSON object: requests, credits, outcomes, bytes_in and
 * bytes_out.
 */
void usage_counts(struct buf *, const struct usage_list_row *);

/*
 * The members date, credits, limit, remaining and resets_at: the allowance of a
 * day. Only requests in live mode are charged against it.
 */
void usage_allowance(struct buf *, const struct plan *, int32_t today,
    int64_t credits);

/* One object for each row (a day and a mode), separated by commas. */
void usage_days(struct buf *, const struct usage_list_row *, size_t n);

#endif
