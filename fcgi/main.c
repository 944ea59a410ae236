/*
 * io7: a self-hosted backend. The rooms of fcgi/rooms.list register what they
 * contribute; then the command line is run (fcgi/ops/command.c).
 */
#include "fcgi/http/route.h"
#include "fcgi/identity/signup.h"
#include "fcgi/ops/command.h"
#include "fcgi/options.h"
#include "fcgi/rooms.h"
#include "fcgi/work/kinds.h"

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < rooms_count; i++) {
		const struct room *room = rooms[i];

		if (room->helper.run && strcmp(argv[0], room->helper.name) == 0)
			room->helper.run();
		options_add(room->options);
		pools_add(room->pools.rows, room->pools.n);
		route_add(room->routes.rows, room->routes.n);
		signup_add(room->steps.rows, room->steps.n);
		kinds_add(room->kinds.rows, room->kinds.n);
	}
	return command_run(argc, argv);
}
