/*
 * The room userdb: a libSQL database for each user and mode.
 */
#include "fcgi/room.h"

#include "fcgi/userdb/options.h"

static const struct pool pools[] = {
	{ .name = "database",
	    .about = "requests to user databases",
	    .role = "io7_app",
	    .socket = "database.sock",
	    .options = &userdb_options,
	    .workers = offsetof(struct userdb_options, workers) },
};

const struct room userdb_room = {
	.name = "userdb",
	.options = &userdb_options,
	.pools = { ROWS(pools) },
};
