/*
 * reaper: workers that ended, each with what it was doing, and crash storms.
 *
 * Owns:   the back-off of a respawn.
 * Not:    the places of workers: those are the children's.
 * Limit:  none.
 */
#ifndef IO7_FCGI_SERVE_REAPER_H
#define IO7_FCGI_SERVE_REAPER_H

#include "fcgi/serve/children.h"

/* Ends the worker of a slot, and logs on what it was. */
void reaper_kill(struct children *, size_t i, const char *event);

#endif
