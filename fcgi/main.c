/*
 * io7: a self-hosted backend. The first word is a command of the table in
 * fcgi/ops/command.c; what io7 serves stands in fcgi/rooms.c.
 */
#include "fcgi/http/route.h"
#include "fcgi/identity/signup.h"
#include "fcgi/ops/command.h"
#include "fcgi/rooms.h"
#include "lib/jq/jqx.h"

int
main(int argc, char **argv)
{
	if (strcmp(argv[0], JQX_ZYGOTE) == 0)
		jqx_zygote();
	for (size_t i = 0; i < rooms_count; i++) {
		const struct room *room = rooms[i];

		options_add(room->options);
		route_add(room->routes.rows, room->routes.n);
		signup_add(room->steps.rows, room->steps.n);
	}
	return command_run(argc, argv);
}
