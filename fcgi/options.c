/*
 * The options of every process, and the reading of all options. `make tables`
 * writes the tables into conf/io7.conf and deploy/doc/configuration.md.
 */
#include "fcgi/options.h"

#include "lib/base/panic.h"
#include "lib/cache/cache.h"
#include "lib/crypto/seal.h"
#include "lib/os/log.h"
#include "lib/pg/pg.h"

#include <grp.h>
#include <pwd.h>
#include <sysexits.h>

extern char **environ;

static const char *
check_level(const char *text)
{
	enum log_level ignored;

	return log_level_of(str_of(text), &ignored)
	    ? NULL
	    : "must be debug, info, warn, error or alert";
}

static const char *
check_log(const char *text)
{
	return strcmp(text, "-") == 0 || text[0] == '/'
	    ? NULL
	    : "must be - or an absolute path";
}

static const char *
check_group(const char *text)
{
	return text[0] == '\0' || getgrnam(text)
	    ? NULL
	    : "is not a group on this machine";
}

static const char *
check_user(const char *text)
{
	return text[0] == '\0' || getpwnam(text)
	    ? NULL
	    : "is not a user on this machine";
}

const char *
options_url_problem(const char *text)
{
	struct str url = str_of(text);

	return url.n == 0 || str_starts(url, STR("https://")) ||
		str_starts(url, STR("http://"))
	    ? NULL
	    : "must begin with https:// or http://";
}

/* The path of a unix socket has at most 107 bytes, and ours end like this. */
enum { RUN_DIR_MAX = 107 - (int)sizeof("/database.sock") };

#define AT(field) .offset = offsetof(struct options, field)

static const struct conf_option rows[] = {
	{ "IO7_LIVE_DSN", CONF_TEXT, "dbname=io7_live",
	    "Connection string of the live database: libpq keywords without"
	    " user and password (use passfile). A host name is resolved"
	    " without a time limit; hostaddr and sockets need no resolving.",
	    AT(live_dsn), .min = 1, .check = pg_dsn_problem },
	{ "IO7_TEST_DSN", CONF_TEXT, "dbname=io7_test",
	    "Connection string of the test database.", AT(test_dsn), .min = 1,
	    .check = pg_dsn_problem },
	{ "IO7_REDIS", CONF_TEXT, "unix:/run/redis/redis-server.sock",
	    "Address of Redis: unix:/path or host:port.", AT(redis), .min = 1,
	    .check = cache_address_problem },
	{ "IO7_REDIS_PASSWORD_FILE", CONF_SECRET_FILE, "",
	    "File with the password of Redis; empty: no password.",
	    AT(redis_password) },
	{ "IO7_RUN_DIR", CONF_PATH, "/run/io7",
	    "Folder of the sockets, the scoreboard and the usage journals.",
	    AT(run_dir), .min = 1, .max = RUN_DIR_MAX, .fixed = true },
	{ "IO7_USER", CONF_TEXT, "",
	    "User to run as when io7 is started as root; empty: stay root.",
	    AT(user), .fixed = true, .check = check_user },
	{ "IO7_SOCKET_GROUP", CONF_TEXT, "",
	    "Group that may connect to the sockets, usually that of nginx;"
	    " empty: only the owner.",
	    AT(socket_group), .fixed = true, .check = check_group },
	{ "IO7_SQL_DIR", CONF_PATH, "/usr/share/io7/sql",
	    "Folder of the migrations.", AT(sql_dir), .min = 1 },
	{ "IO7_LOG", CONF_TEXT, "-", "Log file; -: standard error.", AT(log),
	    .min = 1, .check = check_log },
	{ "IO7_LOG_LEVEL", CONF_TEXT, "info",
	    "Lowest level that is logged: debug, info, warn, error or alert.",
	    AT(log_level), .min = 1, .check = check_level },
	{ "IO7_SEAL_KEYS_FILE", CONF_SECRET_FILE, "",
	    "File with the keys that encrypt secrets in the live database: a"
	    " number and 64 hexadecimal digits on each line. The highest number"
	    " encrypts, all decrypt. Empty: no secret can be stored.",
	    AT(seal_keys), .check = seal_keys_problem },
	{ "IO7_LIVE_WORKERS", CONF_NUMBER, "auto",
	    "Number of processes that serve live requests. auto: two for each"
	    " CPU, and two more. Set more if the databases are on another"
	    " machine, or if most requests write.",
	    AT(live_workers), .min = 1, .max = 1000, .automatic = true },
	{ "IO7_TEST_WORKERS", CONF_NUMBER, "auto",
	    "Number of processes that serve test requests. auto: one for each"
	    " CPU, and two more.",
	    AT(test_workers), .min = 1, .max = 1000, .automatic = true },
	{ "IO7_STREAM_WORKERS", CONF_NUMBER, "16",
	    "Number of processes that serve long requests: streams, exports,"
	    " imports.",
	    AT(stream_workers), .min = 1, .max = 1000 },
	{ "IO7_STATUS_WORKERS", CONF_NUMBER, "1",
	    "Number of processes that serve health, status and metrics.",
	    AT(status_workers), .min = 1, .max = 100 },
	{ "IO7_RUNNERS", CONF_NUMBER, "2",
	    "Number of processes that run queued work.", AT(runners), .min = 1,
	    .max = 100 },
	{ "IO7_CLIENT_REQUESTS", CONF_NUMBER, "200",
	    "Number of requests of one client address, or of one /64 of IPv6,"
	    " that run and wait at once. Operators' addresses have no such"
	    " limit.",
	    AT(client_requests), .min = 1, .max = 100000 },
	{ "IO7_BODY_MAX", CONF_BYTES, "1M",
	    "Maximum size of a request body, except for imports and uploads."
	    " nginx's client_max_body_size applies too.",
	    AT(body_max), .min = 1024, .max = 64 << 20 },
	{ "IO7_REQUEST_MEMORY", CONF_BYTES, "64M",
	    "Maximum memory of one request in a worker.", AT(request_memory),
	    .min = 1 << 20, .max = 1 << 30 },
	{ "IO7_CONNECT_TIMEOUT", CONF_DURATION, "2s",
	    "Timeout for opening a database connection.", AT(connect_timeout),
	    .min = 10 * NS_PER_MS, .max = 60 * NS_PER_S },
	{ "IO7_REDIS_TIMEOUT", CONF_DURATION, "250ms",
	    "Timeout of a call to Redis.", AT(redis_timeout), .min = NS_PER_MS,
	    .max = 10 * NS_PER_S },
	{ "IO7_STATEMENT_TIMEOUT", CONF_DURATION, "6s",
	    "Time after which a worker closes the connection of a statement"
	    " that has not finished. Set it longer than the role's"
	    " statement_timeout.",
	    AT(statement_timeout), .min = 100 * NS_PER_MS,
	    .max = 600 * NS_PER_S },
	{ "IO7_READ_TIMEOUT", CONF_DURATION, "10s",
	    "Timeout for reading the rest of a request, and for writing to a"
	    " client that does not read.",
	    AT(read_timeout), .min = 100 * NS_PER_MS, .max = 600 * NS_PER_S },
	{ "IO7_QUEUE_TIMEOUT", CONF_DURATION, "5s",
	    "Maximum time that a request waits for a worker; later ones are"
	    " rejected.",
	    AT(queue_timeout), .min = 10 * NS_PER_MS, .max = 60 * NS_PER_S },
	{ "IO7_REQUEST_TIMEOUT", CONF_DURATION, "30s",
	    "Maximum time of a request, except for streams. A worker that"
	    " exceeds it is killed. nginx answers 504 earlier if its"
	    " fastcgi_read_timeout is shorter.",
	    AT(request_timeout), .min = NS_PER_S, .max = 3600 * NS_PER_S },
	{ "IO7_DRAIN_TIMEOUT", CONF_DURATION, "30s",
	    "Maximum time that a shutdown waits for running requests.",
	    AT(drain_timeout), .min = 100 * NS_PER_MS, .max = 600 * NS_PER_S },
	{ "IO7_WORKER_REQUESTS", CONF_NUMBER, "100000",
	    "Number of requests after which a worker is replaced, less up to a"
	    " quarter at random; 0: never.",
	    AT(worker_requests), .max = 1000000000 },
	{ "IO7_WORKER_MEMORY", CONF_BYTES, "256M",
	    "Resident memory above which a worker is replaced after a request.",
	    AT(worker_memory), .min = 1 << 20, .max = UINT64_C(64) << 30 },
	{ "IO7_NAMED_STATEMENTS", CONF_BOOL, "yes",
	    "Whether to use named prepared statements. Set it to no behind a"
	    " PgBouncer in transaction mode.",
	    AT(named_statements) },
	{ "IO7_PREPARED_STATEMENTS", CONF_NUMBER, "1000",
	    "Maximum number of prepared statements on a connection.",
	    AT(prepared_statements), .min = 10, .max = 100000 },
	{ "IO7_RENEW_AFTER", CONF_NUMBER, "1000",
	    "Number of tenants whose data a connection reads before it is"
	    " replaced. PostgreSQL keeps about 24 KB for each.",
	    AT(renew_after), .min = 10, .max = 1000000 },
	{ "IO7_RENEW_AGE", CONF_DURATION, "1h",
	    "Age at which a connection is replaced.", AT(renew_age),
	    .min = NS_PER_S, .max = 24 * 3600 * NS_PER_S },
	{ "IO7_TRANSFORM_TIMEOUT", CONF_DURATION, "1h",
	    "Maximum time of a transform of many keys. Keys that were not"
	    " started by then are left unchanged.",
	    AT(transform_timeout), .min = NS_PER_S,
	    .max = 24 * 3600 * NS_PER_S },
	{ "IO7_STREAM_HEARTBEAT", CONF_DURATION, "15s",
	    "Time without output after which a stream sends a comment. Set it"
	    " shorter than nginx's fastcgi_read_timeout.",
	    AT(stream_heartbeat), .min = 100 * NS_PER_MS,
	    .max = 300 * NS_PER_S },
	{ "IO7_CLOCK", CONF_PATH, "",
	    "File whose first eight bytes, an int64 of nanoseconds, shift the"
	    " wall clock; for tests.",
	    AT(clock), .fixed = true },
};

const struct conf_slice base_options = CONF_SLICE(rows, struct options);

/* One more, so that the list always ends with NULL. */
static const struct conf_slice *slices[OPTIONS_SLICES + 1] = { &base_options };

void
options_add(const struct conf_slice *slice)
{
	size_t n = 0;

	if (!slice)
		return;
	while (slices[n])
		n++;
	if (n == OPTIONS_SLICES)
		BUG("more than %d slices of options", OPTIONS_SLICES);
	slices[n] = slice;
}

const struct conf_slice *const *
options_slices(void)
{
	return slices;
}

const struct options *
options_of(const struct conf *conf)
{
	return conf_values(conf, &base_options);
}

/*
 * Variables that a user's shell may have for use with curl and `io7`, as the
 * private stack's `env` file sets them. They are no options.
 */
static bool
is_for_shells(struct str variable)
{
	static const char *const prefixes[] = { "IO7_CONF=", "IO7_DEMO_",
		"IO7_KEY=", "IO7_TLS_URL=", "IO7_URL=" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_starts(variable, str_of(prefixes[i])))
			return true;
	return false;
}

struct conf *
options_read(const char *file)
{
	size_t n = 0, kept = 0;
	struct conf *conf;
	char **environment;

	while (environ[n])
		n++;
	environment = calloc(n + 1, sizeof(*environment));
	if (!environment)
		die(EX_OSERR, "no memory");
	for (size_t i = 0; i < n; i++)
		if (!is_for_shells(str_of(environ[i])))
			environment[kept++] = environ[i];
	conf = conf_load(slices, file, environment);
	free(environment);
	return conf;
}

struct conf *
options_load(const char *file)
{
	struct conf *conf = options_read(file);

	for (size_t i = 0; i < conf_faults(conf); i++)
		fprintf(stderr, "io7: %s\n", conf_fault(conf, i));
	if (conf_faults(conf))
		exit(EX_CONFIG);
	return conf;
}
