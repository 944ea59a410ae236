/*
 * The rooms. A new capability is a folder of its own and a line here.
 */
#include "fcgi/rooms.h"

#include "fcgi/health/health.h"

const struct room *const rooms[] = {
	&health_room,
};

const size_t rooms_count = ARRAY_LEN(rooms);

void
rooms_open(void)
{
	for (size_t i = 0; i < rooms_count; i++)
		route_add(rooms[i]->routes, rooms[i]->n_routes);
}
