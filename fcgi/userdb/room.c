/*
 * The room userdb: a libSQL database for each user and mode.
 */
#include "fcgi/room.h"

#include "fcgi/userdb/keepers_pool.h"
#include "fcgi/userdb/options.h"
#include "lib/lite/spawner.h"

static const struct pool pools[] = {
	{ .name = "database",
	    .about = "requests to user databases",
	    .role = "io7_app",
	    .socket = "database.sock",
	    .options = &userdb_options,
	    .workers = offsetof(struct userdb_options, workers) },
	{ .name = "keepers",
	    .about = "the processes of open user databases",
	    .run = RUN_OTHER,
	    .socket = USERDB_SPAWNER_SOCKET,
	    .become = keepers_become,
	    .patient = true },
};

const struct room userdb_room = {
	.name = "userdb",
	.options = &userdb_options,
	.helper = { SPAWNER_NAME, keepers_main },
	.pools = { ROWS(pools) },
};
