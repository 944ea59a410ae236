/*
 * runner: the process that runs queued work, and the chores of its pool.
 *
 * Not:    claiming and running items: fcgi/work/runner.h has that.
 */
#ifndef IO7_FCGI_SERVE_RUNNER_H
#define IO7_FCGI_SERVE_RUNNER_H

#include "fcgi/serve/process.h"

void runner_run(const struct process *) NORETURN;

#endif
