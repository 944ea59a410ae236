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
#include "lib/os/log.h"

/* The argv[0] that makes this program a spawner. */
#define SPAWNER_NAME "io7-keepers"

struct spawner_options {
	char folder[256]; /* of all databases: a folder for each */
	char log[1024];   /* as log_open() takes it */
	enum log_level level;
	uint64_t keepers; /* at most at the same time */
	uint64_t memory;  /* bytes of address space of each */
	uint64_t file;    /* bytes of a file, at most */
	int64_t idle_ns;  /* an idle keeper exits after that time */
	int64_t drain_ns; /* for open streams, when the spawner ends */
	struct hrana_bounds bounds;
};

/*
 * Replaces this process by a spawner that serves the listening socket. By
 * SIGTERM or at the end of the control pipe it drains: databases without open
 * streams are closed at once, the others after drain_ns at the latest.
 */
void spawner_become(int listener, int control, const struct spawner_options *)
    NORETURN;

/* The main() of a spawner; the schema is the program's. */
void spawner_run(const struct hrana_schema *) NORETURN;

#endif
