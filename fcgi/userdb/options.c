/*
 * The options of user databases.
 */
#include "fcgi/userdb/options.h"

#include "lib/net/fetch.h"

#define AT(field) .offset = offsetof(struct userdb_options, field)

static const char *
provider_problem(const char *text)
{
	return strcmp(text, "file") == 0 || strcmp(text, "turso") == 0
	    ? NULL
	    : "must be file or turso";
}

/* It becomes part of a URL. */
static const char *
slug_problem(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")]
	    ? "may have lower-case letters, digits and hyphens only"
	    : NULL;
}

static const struct conf_option rows[] = {
	{ "IO7_DATABASE_PROVIDER", CONF_TEXT, "file",
	    "Provider of new user databases; file: SQLite files in"
	    " IO7_DATABASES; turso: databases at Turso.",
	    AT(provider), .min = 1, .max = 15, .check = provider_problem },
	{ "IO7_DATABASE_HOST", CONF_TEXT, "",
	    "Name of this host in the registry of user databases; empty: the"
	    " system's host name.",
	    AT(host), .max = 64 },
	{ "IO7_DATABASE_WORKERS", CONF_NUMBER, "32",
	    "Number of processes that serve requests to user databases. A"
	    " request that waits for the transaction of another one keeps its"
	    " process; all but one may wait so.",
	    AT(workers), .min = 1, .max = 1000 },
	{ "IO7_DATABASE_BODY_MAX", CONF_BYTES, "8M",
	    "Maximum size of a pipeline or cursor request.", AT(body_max),
	    .min = 64 << 10, .max = 64 << 20 },
	{ "IO7_DATABASE_TIMEOUT", CONF_DURATION, "15s",
	    "Maximum time of a request to a user database. Set it shorter than"
	    " IO7_REQUEST_TIMEOUT.",
	    AT(timeout), .min = 100 * NS_PER_MS, .max = 3600 * NS_PER_S },
	{ "IO7_DATABASES", CONF_PATH, "/var/lib/io7/databases",
	    "Folder of the user databases of this host.", AT(folder), .min = 1,
	    .max = 200, .fixed = true },
	{ "IO7_DATABASES_OPEN", CONF_NUMBER, "64",
	    "Maximum number of user databases that are open at the same time,"
	    " each in a process of its own.",
	    AT(keepers), .min = 1, .max = 10000 },
	{ "IO7_DATABASE_IDLE", CONF_DURATION, "60s",
	    "Time without a request after which a user database is closed.",
	    AT(keeper_idle), .min = 100 * NS_PER_MS,
	    .max = 24 * 3600 * NS_PER_S },
	{ "IO7_DATABASE_MEMORY", CONF_BYTES, "512M",
	    "Maximum address space of the process of an open user database.",
	    AT(keeper_memory), .min = 64 << 20, .max = UINT64_C(16) << 30 },
	{ "IO7_DATABASE_FILE_MAX", CONF_BYTES, "64G",
	    "Maximum size of a file of a user database, whatever the plan"
	    " allows.",
	    AT(file_max), .min = 1 << 20, .max = UINT64_C(1) << 50 },
	{ "IO7_DATABASE_HEAP", CONF_BYTES, "64M",
	    "Maximum memory that SQLite uses for a user database.", AT(heap),
	    .min = 1 << 20, .max = UINT64_C(4) << 30 },
	{ "IO7_DATABASE_RESULT_MAX", CONF_BYTES, "16M",
	    "Maximum size of the answer to a pipeline.", AT(result_max),
	    .min = 64 << 10, .max = 1 << 30 },
	{ "IO7_DATABASE_STREAMS", CONF_NUMBER, "24",
	    "Maximum number of open streams of a user database.", AT(streams),
	    .min = 1, .max = 1000 },
	{ "IO7_DATABASE_STATEMENT_TIMEOUT", CONF_DURATION, "5s",
	    "Maximum time of one SQL statement in a user database.",
	    AT(statement_timeout), .min = 10 * NS_PER_MS,
	    .max = 3600 * NS_PER_S },
	{ "IO7_DATABASE_LOCK_TIMEOUT", CONF_DURATION, "5s",
	    "Maximum time that a statement waits for the transaction of another"
	    " stream.",
	    AT(lock_timeout), .min = 10 * NS_PER_MS, .max = 3600 * NS_PER_S },
	{ "IO7_DATABASE_STREAM_IDLE", CONF_DURATION, "10s",
	    "Time without a request after which a stream is closed and its"
	    " transaction rolled back.",
	    AT(stream_idle), .min = 100 * NS_PER_MS, .max = 3600 * NS_PER_S },
	{ "IO7_TURSO_URL", CONF_TEXT, "https://api.turso.tech",
	    "Address of Turso's platform API. If it is http, databases are"
	    " reached by http, too.",
	    AT(turso_url), .min = 1, .max = 500, .check = fetch_url_problem },
	{ "IO7_TURSO_API_TOKEN_FILE", CONF_SECRET_FILE, "",
	    "File with the token of Turso's platform API.", AT(turso_token) },
	{ "IO7_TURSO_ORG", CONF_TEXT, "",
	    "Organization at Turso in which user databases are created.",
	    AT(turso_org), .max = 64, .check = slug_problem },
	{ "IO7_TURSO_GROUP", CONF_TEXT, "default",
	    "Group at Turso in which user databases are created.",
	    AT(turso_group), .min = 1, .max = 64, .check = slug_problem },
	{ "IO7_TURSO_TIMEOUT", CONF_DURATION, "10s",
	    "Maximum time of one request to Turso's platform API.",
	    AT(turso_timeout), .min = 100 * NS_PER_MS, .max = 60 * NS_PER_S },
};

const struct conf_slice userdb_options =
    CONF_SLICE(rows, struct userdb_options);
