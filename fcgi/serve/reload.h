/*
 * reload: a new configuration, and a new program, for a running supervisor.
 *
 * Not:    the replacement of workers: children does that.
 * Limit:  fixed options change only with a restart.
 */
#ifndef IO7_FCGI_SERVE_RELOAD_H
#define IO7_FCGI_SERVE_RELOAD_H

#include "fcgi/serve/sockets.h"

#include <sys/types.h>

struct conf;
struct options;

/*
 * Reads the configuration and opens its log. If there are faults, they are all
 * logged, and the result is NULL.
 */
struct conf *reload_read(const char *file, const struct conf *in_force);

/* Opens the log that the options name. False with errno. */
bool reload_log(const struct options *) MUST_CHECK;

/* The file and the arguments that this program was started with. */
struct program {
	char path[4096];
	char *words; /* each ends with a NUL */
	size_t n;
};
void program_open(struct program *);
void program_close(struct program *);

/* Lets the program in that file check the configuration: a child, or -1. */
pid_t program_check(const struct program *, const char *file);

/* Executes that program with the sockets; returns only on failure. */
void program_become(const struct program *, const struct sockets *);

#endif
