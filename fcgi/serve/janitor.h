/*
 * janitor: the process that does the chores, each in its time.
 *
 * Owns:   the timetable.
 * Not:    the chores: those are the rooms'.
 * Limit:  one chore at a time.
 */
#ifndef IO7_FCGI_SERVE_JANITOR_H
#define IO7_FCGI_SERVE_JANITOR_H

#include "fcgi/serve/process.h"

void janitor_run(const struct process *) NORETURN;

#endif
