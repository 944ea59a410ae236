/*
 * room: the options, routes, limits, chores and other rows that a room adds to the
 * tables of the program.
 *
 * A room is a folder of fcgi/ with a `const struct room NAME_room` in its
 * room.c. A line in fcgi/rooms.list makes it part of the program.
 */
#ifndef IO7_FCGI_ROOM_H
#define IO7_FCGI_ROOM_H

#include "fcgi/chore.h"
#include "fcgi/pools.h"
#include "fcgi/room_limit.h"
#include "fcgi/step.h"
#include "fcgi/work_kind.h"

struct route;

/* A page in the navigation of the dashboard. */
struct room_page {
	const char *path;  /* "/dashboard/keys" */
	const char *label; /* "API keys" */
};

/* The state of a room in each process that serves one of its routes. */
struct room_process {
	/* Before the process gives up its privileges and opens connections. */
	void (*open)(const struct conf *);
	void (*close)(void);
	/* Why the process cannot serve the room any more; NULL: it can. */
	const char *(*lost)(void);
	/* A socket whose end is a reason to ask lost(); -1: none. */
	int (*watch)(void);
};

/* Runs in place of main() when the program is executed under this name. */
struct room_helper {
	const char *name;
	void (*run)(void);
};

struct room {
	const char *name;
	const struct conf_slice *options;
	const struct room_process *process;
	struct room_helper helper;
	struct {
		const struct route *rows;
		size_t n;
	} routes;
	struct {
		const struct room_limit *rows;
		size_t n;
	} limits;
	struct {
		const struct chore *rows;
		size_t n;
	} chores;
	struct {
		const struct step *rows; /* of a signup */
		size_t n;
	} steps;
	struct {
		const struct work_kind *rows; /* of queued work */
		size_t n;
	} kinds;
	struct {
		const struct pool *rows;
		size_t n;
	} pools;
	struct {
		const struct room_page *rows;
		size_t n;
	} pages;
};

#endif
