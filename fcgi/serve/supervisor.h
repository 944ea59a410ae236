/*
 * supervisor: starts the pools, replaces what dies, reloads, drains and ends.
 *
 * Owns:   the sockets, the board and every child.
 * Not:    requests: it never calls libpq, hiredis, curl, OpenSSL or libfcgi, so
 *         it has nothing to crash on.
 * Limit:  one supervisor a run directory.
 */
#ifndef IO7_FCGI_SERVE_SUPERVISOR_H
#define IO7_FCGI_SERVE_SUPERVISOR_H

#include "fcgi/options.h"

/*
 * Serves until SIGTERM or SIGINT; the exit code of the process. SIGHUP reads
 * the file again, SIGUSR1 reopens the log, SIGUSR2 goes over to the program
 * that lies where this one was started.
 */
int supervisor_run(struct conf *, const char *file);

#endif
