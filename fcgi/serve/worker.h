/*
 * worker: a process that serves one request at a time.
 *
 * Owns:   its connections, its arena and its slot of the scoreboard.
 * Limit:  the options limit the body, the memory and the time of a request.
 */
#ifndef IO7_FCGI_SERVE_WORKER_H
#define IO7_FCGI_SERVE_WORKER_H

#include "fcgi/serve/process.h"

void worker_run(const struct process *) NORETURN;

#endif
