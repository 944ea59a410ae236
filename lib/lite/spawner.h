/*
 * spawner: starts the keepers of a host, and ends them.
 *
 * Owns:   the keepers: one for each open database; the least recently used idle
 *         one makes room for another. It is executed anew and has no secrets.
 * Not:    the databases' content: only a keeper opens a file.
 * Limit:  spawner_options.keepers processes.
 */
#ifndef IO7_LIB_LITE_SPAWNER_H
#define IO7_LIB_LITE_SPAWNER_H

#include "lib/lite/hrana.h"

/* The argv[0] that makes this program a spawner. */
#define SPAWNER_NAME "io7-keepers"

struct spawner_options {
	char folder[256]; /* of all databases: a folder for each */
	uint64_t keepers; /* at most at the same time */
	uint64_t memory;  /* bytes of address space of each */
	int64_t idle_ns;  /* an idle keeper exits after that time */
	struct hrana_bounds bounds;
};

/*
 * Replaces this process by a spawner that serves the listening socket until it
 * ends by SIGTERM or by the end of the control pipe.
 */
void spawner_become(int listener, int control, const struct spawner_options *)
    NORETURN;

/* The main() of a spawner; the schema is the program's. */
void spawner_run(const struct hrana_schema *) NORETURN;

#endif
