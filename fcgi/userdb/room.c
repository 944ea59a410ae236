/*
 * The room userdb: a libSQL database for each user and mode.
 */
#include "fcgi/room.h"

#include "fcgi/userdb/handlers.h"
#include "fcgi/userdb/keepers_pool.h"
#include "fcgi/userdb/options.h"
#include "fcgi/userdb/pool.h"
#include "lib/lite/lite.h"
#include "lib/lite/spawner.h"

const struct pool userdb_pools[USERDB_POOLS] = {
	[USERDB_REQUESTS] = { .name = "database",
	    .about = "requests to user databases",
	    .role = "io7_app",
	    .socket = "database.sock",
	    .options = &userdb_options,
	    .workers = offsetof(struct userdb_options, workers),
	    .body_max = offsetof(struct userdb_options, body_max) },
	[USERDB_KEEPERS] = { .name = "keepers",
	    .about = "the processes of open user databases",
	    .run = RUN_OTHER,
	    .socket = USERDB_SPAWNER_SOCKET,
	    .become = keepers_become,
	    .patient = true },
};

#define HRANA .flat_errors = true, .pool = &userdb_pools[USERDB_REQUESTS]

static const struct route routes[] = {
	{ GET, "/db/:name", NEED_DATABASE, 0, 0, userdb_get_version,
	    .about = "returns whether this is a database of the caller",
	    HRANA },
	{ GET, "/db/:name/v2", NEED_DATABASE, 0, 0, userdb_get_version,
	    .about = "returns whether Hrana 2 is supported", HRANA },
	{ GET, "/db/:name/v3", NEED_DATABASE, 0, 0, userdb_get_version,
	    .about = "returns whether Hrana 3 is supported", HRANA },
	{ POST, "/db/:name/v2/pipeline", NEED_DATABASE, 1, ROUTE_BODY,
	    userdb_post_pipeline_2, .about = "runs statements", HRANA },
	{ POST, "/db/:name/v3/pipeline", NEED_DATABASE, 1, ROUTE_BODY,
	    userdb_post_pipeline_3, .about = "runs statements", HRANA },
	{ POST, "/db/:name/v3/cursor", NEED_DATABASE, 1, ROUTE_BODY,
	    userdb_post_cursor, .about = "runs a batch, and streams its rows",
	    HRANA },
	{ GET, "/api/database", NEED_DATABASE, 0, 0, userdb_get_about,
	    .about = "returns name, URL, size and tables of the database",
	    .pool = &userdb_pools[USERDB_REQUESTS] },
	{ POST, "/api/database/token", NEED_ADMIN, 0, ROUTE_BODY,
	    userdb_post_token,
	    .about = "creates a key that opens the database only" },
	{ GET, "/api/database/export", NEED_DATABASE | NEED_STREAM, 1, 0,
	    userdb_get_export,
	    .about = "returns the database as an SQLite file",
	    .pool = &stream_pool },
	{ POST, "/api/database/import", NEED_DATABASE_WRITE | NEED_STREAM, 1,
	    ROUTE_STREAM, userdb_post_import,
	    .about = "replaces the database by an SQLite file",
	    .pool = &stream_pool,
	    .types = "application/vnd.sqlite3 application/x-sqlite3"
		     " application/octet-stream" },
};

static const struct room_limit limits[] = {
	{ LIMITS_DATABASES, "Size of a pipeline", "request",
	    .option = "IO7_DATABASE_BODY_MAX", .unit = "bytes",
	    .err = E_TOO_LARGE },
	{ LIMITS_DATABASES, "Size of the results of a pipeline", "request",
	    .option = "IO7_DATABASE_RESULT_MAX", .unit = "bytes",
	    .effect = "the request of Hrana fails" },
	{ LIMITS_DATABASES, "Statements per credit", "request", HRANA_CHARGE,
	    "statements", .effect = "one more credit is charged" },
	{ LIMITS_DATABASES, "Length of an SQL statement", "statement",
	    LITE_SQL_MAX, "bytes", .effect = "the request of Hrana fails" },
	{ LIMITS_DATABASES, "Arguments of an SQL statement", "statement",
	    LITE_ARGS_MAX, "arguments",
	    .effect = "the request of Hrana fails" },
	{ LIMITS_DATABASES, "Size of a text, a blob or a row", "value",
	    LITE_VALUE_MAX, "bytes", .effect = "SQLITE_TOOBIG" },
	{ LIMITS_DATABASES, "Duration of an SQL statement", "statement",
	    .option = "IO7_DATABASE_STATEMENT_TIMEOUT", .unit = "seconds",
	    .effect = "SQLITE_INTERRUPT" },
	{ LIMITS_DATABASES, "Duration of a pipeline or a cursor", "request",
	    .option = "IO7_DATABASE_TIMEOUT", .unit = "seconds",
	    .err = E_TIMEOUT },
	{ LIMITS_DATABASES, "Wait for another transaction", "statement",
	    .option = "IO7_DATABASE_LOCK_TIMEOUT", .unit = "seconds",
	    .effect = "SQLITE_BUSY" },
	{ LIMITS_DATABASES, "Memory of SQLite", "database",
	    .option = "IO7_DATABASE_HEAP", .unit = "bytes",
	    .effect = "SQLITE_NOMEM" },
	{ LIMITS_DATABASES, "Memory of the process", "database",
	    .option = "IO7_DATABASE_MEMORY", .unit = "bytes",
	    .effect = "SQLITE_NOMEM" },
	{ LIMITS_DATABASES, "Open streams", "database",
	    .option = "IO7_DATABASE_STREAMS", .unit = "streams",
	    .effect = "the request of Hrana fails" },
	{ LIMITS_DATABASES, "Idle time of a stream", "stream",
	    .option = "IO7_DATABASE_STREAM_IDLE", .unit = "seconds",
	    .effect = "its transaction is rolled back" },
	{ LIMITS_DATABASES, "Size of the file", "database",
	    .option = "IO7_DATABASE_FILE_MAX", .unit = "bytes",
	    .effect = "SQLITE_FULL" },
	{ LIMITS_DATABASES, "Open databases", "host",
	    .option = "IO7_DATABASES_OPEN", .unit = "databases",
	    .err = E_UNAVAILABLE },
};

static const struct chore chores[] = {
	{ "databases-add",
	    .about = "registers user databases of users who have none",
	    .every_ns = 60 * NS_PER_S, .run = userdb_add_missing },
	{ "databases-make", .about = "creates user databases that are pending",
	    .every_ns = 5 * NS_PER_S, .run = userdb_make_pending },
};

static const struct step steps[] = {
	{ "databases", userdb_add_step, userdb_undo_step },
};

static const struct room_page pages[] = {
	{ "/dashboard/database", "Database" },
};

const struct room userdb_room = {
	.name = "userdb",
	.options = &userdb_options,
	.helper = { SPAWNER_NAME, keepers_main },
	.routes = { ROWS(routes) },
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
	.steps = { ROWS(steps) },
	.kinds = { &userdb_make_kind, 1 },
	.pools = { ROWS(userdb_pools) },
	.pages = { ROWS(pages) },
};
