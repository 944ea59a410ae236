/*
 * room: what one capability brings: its routes, chores and steps.
 *
 * Owns:   nothing; each room has one of these, and rooms.c lists them.
 * Not:    the noun itself: that is the room's own header.
 * Limit:  none.
 */
#ifndef IO7_FCGI_ROOM_H
#define IO7_FCGI_ROOM_H

#include "fcgi/chore.h"
#include "fcgi/step.h"

struct route;

struct room {
	const char *name;
	const struct route *routes;
	size_t n_routes;
	const struct chore *chores;
	size_t n_chores;
	/*
	 * So many of them, the first, are also done at once when a worker waits
	 * for it, and once more before the janitor leaves.
	 */
	size_t n_urgent;
	const struct step *steps;
	size_t n_steps;
};

#endif
