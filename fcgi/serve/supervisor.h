/*
 * supervisor: starts the pools, replaces processes that die, reloads, drains
 * and ends.
 *
 * Owns:   the sockets, the scoreboard and every child.
 * Not:    requests: it never calls libpq, hiredis, curl, OpenSSL or libfcgi, so
 *         that a fault there cannot end it.
 * Limit:  one supervisor per run directory.
 */
#ifndef IO7_FCGI_SERVE_SUPERVISOR_H
#define IO7_FCGI_SERVE_SUPERVISOR_H

#include "fcgi/options.h"

/*
 * Serves until SIGTERM or SIGINT, and returns the exit code. SIGHUP reloads the
 * file, SIGUSR1 reopens the log, SIGUSR2 executes the program's file again.
 */
int supervisor_run(struct conf *, const char *file);

#endif
