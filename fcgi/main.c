/*
 * io7: a self-hosted backend. The first word is a command of the table in
 * fcgi/ops/command.c; what io7 serves stands in fcgi/rooms.c.
 */
#include "fcgi/http/route.h"
#include "fcgi/identity/signup.h"
#include "fcgi/ops/command.h"
#include "fcgi/rooms.h"
#include "lib/base/panic.h"
#include "lib/jq/jqx.h"

#include <sysexits.h>

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";
	struct args args = {
		.command = name,
		.n = argc > 2 ? argc - 2 : 0,
		.words = argv + 2,
	};

	if (strcmp(argv[0], JQX_ZYGOTE) == 0)
		jqx_zygote();
	for (size_t i = 0; i < rooms_count; i++) {
		const struct room *room = rooms[i];

		route_add(room->routes.rows, room->routes.n);
		signup_add(room->steps.rows, room->steps.n);
	}
	for (size_t i = 0; i < commands_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(&args);
	die(EX_USAGE, "there is no command %s; `io7 help` lists them", name);
}
