/*
 * status: prints the scoreboard of a running server as tables.
 *
 * Not:    JSON and metrics; see the health room.
 */
#ifndef IO7_FCGI_OPS_STATUS_H
#define IO7_FCGI_OPS_STATUS_H

#include "fcgi/options.h"

struct scoreboard;

/* Ends the process if no supervisor is running. */
void status_open(struct scoreboard *, const struct options *);
void status_print(const struct scoreboard *, const struct options *);
/* Number of requests that all workers have answered. */
uint64_t status_requests(const struct scoreboard *);

#endif
