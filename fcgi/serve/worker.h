/*
 * worker: a process that serves one request at a time.
 *
 * Owns:   its connections, its arena and its slot of the board.
 * Not:    its own life: the supervisor starts, replaces and ends it.
 * Limit:  what the options say of body, memory and time.
 */
#ifndef IO7_FCGI_SERVE_WORKER_H
#define IO7_FCGI_SERVE_WORKER_H

#include "fcgi/serve/process.h"

void worker_run(const struct process *) NORETURN;

#endif
