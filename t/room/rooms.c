/*
 * The list of rooms of build/io7-test: the program that is shipped, with one
 * room more, through which tests reach what no room of its own shows yet: the
 * body of a request, the door, a handler that takes its time or dies.
 */
#include "fcgi/rooms.h"

#include "fcgi/health/health.h"
#include "t/room/room.h"

const struct room *const rooms[] = {
	&health_room,
	&test_room,
};

const size_t rooms_count = ARRAY_LEN(rooms);

void
rooms_open(void)
{
	for (size_t i = 0; i < rooms_count; i++)
		route_add(rooms[i]->routes, rooms[i]->n_routes);
}
