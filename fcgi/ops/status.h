/*
 * status: the board of a running server, as tables for a person.
 *
 * Owns:   nothing; the board is only read.
 * Not:    JSON and metrics: those are the health room's.
 * Limit:  none.
 */
#ifndef IO7_FCGI_OPS_STATUS_H
#define IO7_FCGI_OPS_STATUS_H

#include "fcgi/options.h"
#include "lib/shm/scoreboard.h"

/* Ends the process where no supervisor runs. */
void status_open(struct scoreboard *, const struct options *);
void status_print(const struct scoreboard *, const struct options *);
/* Requests that all workers have answered. */
uint64_t status_requests(const struct scoreboard *);

#endif
