/*
 * chores: the processes that run chores, the janitor and the flusher.
 *
 * Owns:   the timetable of a process.
 * Not:    the chores: those belong to the rooms.
 * Limit:  one chore at a time.
 */
#ifndef IO7_FCGI_SERVE_CHORES_H
#define IO7_FCGI_SERVE_CHORES_H

#include "fcgi/serve/process.h"

void chores_janitor(const struct process *) NORETURN;
/* Runs its chores once more before it leaves. */
void chores_flusher(const struct process *) NORETURN;

#endif
