/*
 * reaper: collects processes that ended, and kills those that are overdue.
 *
 * Owns:   the back-off of a respawn, and the detection of crash storms.
 * Not:    the places of processes: children fills those.
 */
#ifndef IO7_FCGI_SERVE_REAPER_H
#define IO7_FCGI_SERVE_REAPER_H

#include "fcgi/serve/children.h"

/* A process that is not of a pool, and its exit status. */
struct foreign_child {
	pid_t pid; /* 0: there was none */
	int status;
};

/* Collects all processes that have ended. */
struct foreign_child reaper_collect(struct children *);

/* Kills the workers whose request is past its time limit. */
void reaper_kill_overdue(struct children *);

/* Kills the process of a slot, and logs what it was doing. */
void reaper_kill(struct children *, size_t i, const char *event);

#endif
