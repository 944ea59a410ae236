/*
 * service: what a process has at hand for any request or chore.
 *
 * Owns:   nothing; the process that made its parts outlives every use.
 * Not:    anything that belongs to one request.
 * Limit:  none.
 */
#ifndef IO7_FCGI_SERVICE_H
#define IO7_FCGI_SERVICE_H

#include "fcgi/options.h"
#include "lib/shm/error_buffer.h"
#include "lib/shm/scoreboard.h"
#include "lib/shm/usage_journal.h"

struct db;
struct pool;
struct jqx;

struct service {
	const struct options *opts; /* of every process */
	const struct conf *conf;    /* of all rooms: ROOM_OPTIONS() */
	struct db *db;
	struct scoreboard *scoreboard;
	struct jqx *jq; /* NULL outside the stream pool */
	struct usage_journal_slot *usage_journal; /* this process's own */
	struct error_buffer_slot
	    *errors;             /* of this process; the janitor's: all */
	int nudge;               /* an eventfd: wakes the janitor */
	const struct pool *pool; /* that this process is of */
	/* Ready to read, and true, when the process is to leave. */
	int control;
	bool (*is_over)(void);
};

#endif
