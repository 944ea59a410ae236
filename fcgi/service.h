/*
 * service: what all requests and chores of a process share.
 *
 * Not:    anything that belongs to one request, or to one room.
 */
#ifndef IO7_FCGI_SERVICE_H
#define IO7_FCGI_SERVICE_H

#include "lib/base/base.h"

struct conf;
struct db;
struct epochs;
struct error_buffer_slot;
struct lease_table;
struct options;
struct pool;
struct scoreboard;
struct usage_journal_slot;

struct service {
	const struct conf *conf;    /* of all rooms: ROOM_OPTIONS() */
	const struct options *opts; /* of every process */
	struct db *db;
	struct scoreboard *scoreboard;
	struct usage_journal_slot *usage_journal; /* of this process */
	/* This process's slot; where chores run, the slots of all processes. */
	struct error_buffer_slot *errors;
	struct epochs *epochs;      /* of credentials, on this host */
	struct lease_table *leases; /* of requests, on this host */
	const int *wake; /* by pool: an eventfd that wakes its process */
	const struct pool *pool; /* of this process */
	/* Becomes readable when the process is to leave. */
	int control;
	bool (*is_ending)(void);
};

#endif
