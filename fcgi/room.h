/*
 * room: what one part of the program contributes to the tables of the whole.
 *
 * A room is a folder of fcgi/ with a `const struct room NAME_room` in its
 * room.c. A line in fcgi/rooms.list makes it part of the program.
 */
#ifndef IO7_FCGI_ROOM_H
#define IO7_FCGI_ROOM_H

#include "fcgi/chore.h"
#include "fcgi/options.h"
#include "fcgi/step.h"

struct route;

struct room {
	const char *name;
	const struct conf_slice *options;
	struct {
		const struct route *rows;
		size_t n;
	} routes;
	struct {
		const struct chore *rows;
		size_t n;
		/*
		 * The first of them are also run at once when a worker waits
		 * for it, and once more before the janitor leaves.
		 */
		size_t urgent;
	} chores;
	struct {
		const struct step *rows;
		size_t n;
	} steps;
};

#endif
