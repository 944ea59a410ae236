/*
 * reload: a new configuration, and a new program, for a supervisor that runs.
 *
 * Owns:   nothing.
 * Not:    the replacement of workers: that is the children's.
 * Limit:  fixed options stay as they were until the next start.
 */
#ifndef IO7_FCGI_SERVE_RELOAD_H
#define IO7_FCGI_SERVE_RELOAD_H

#include "fcgi/serve/sockets.h"

#include <sys/types.h>

/*
 * The configuration as it stands now, in force but for its workers; every
 * fault is logged, and NULL comes back, when there is one.
 */
struct conf *reload_read(const char *file, const struct conf *in_force);

/* Opens the log that the options name. False with errno. */
bool reload_log(const struct options *) MUST_CHECK;

/* What this program was started as: its file and its words. */
struct program {
	char path[4096];
	char *words; /* each ends with a NUL */
	size_t n;
};
void program_open(struct program *);
void program_close(struct program *);

/* Has the program that lies there now check the file: a child, or -1. */
pid_t program_check(const struct program *, const char *file);

/* Becomes that program, which finds the sockets; returns where it cannot. */
void program_become(const struct program *, const struct sockets *);

#endif
