/*
 * The option table. `make tables` writes it into conf/io7.conf and
 * deploy/doc/configuration.md.
 */
#include "fcgi/options.h"

#include "lib/base/panic.h"
#include "lib/cache/cache.h"
#include "lib/crypto/jose.h"
#include "lib/net/fetch.h"
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
	    : "is not a group of this machine";
}

static const char *
check_user(const char *text)
{
	return text[0] == '\0' || getpwnam(text)
	    ? NULL
	    : "is not a user of this machine";
}

static const char *
check_url(const char *text)
{
	struct str url = str_of(text);

	return url.n == 0 || str_starts(url, STR("https://")) ||
		str_starts(url, STR("http://"))
	    ? NULL
	    : "must begin with https:// or http://";
}

/* Scheme, host and perhaps port: a browser's Origin is compared with it. */
static const char *
check_origin(const char *text)
{
	const char *host = strstr(text, "://");

	if (text[0] == '\0')
		return NULL;
	return fetch_url_problem(text) || !host || strpbrk(host + 3, "/@#")
	    ? "must be http:// or https://, a host and perhaps a port"
	    : NULL;
}

/* What an operator made by hand is in the table of users as "io7"'s. */
static const char *
check_issuer(const char *text)
{
	return strcmp(text, "io7") == 0 ? "io7 is the operator's own users"
					: NULL;
}

/* As many bytes as the digest has, as RFC 7518 asks for. */
static const char *
check_token_secret(const char *secret)
{
	return secret[0] == '\0' || strlen(secret) >= JOSE_SECRET_MIN
	    ? NULL
	    : "the secret must be of 32 bytes or more";
}

/* A unix socket's path holds 107 bytes, and ours end in "/stream.sock". */
enum { RUN_DIR_MAX = 107 - (int)sizeof("/stream.sock") };

#define AT(field) .offset = offsetof(struct options, field)

const struct conf_option options_table[] = {
	{ "IO7_LIVE_DSN", CONF_TEXT, "dbname=io7_live",
	    "Where the live database is: libpq keywords without user and"
	    " password (use passfile). A name of a host is looked up without a"
	    " time limit; hostaddr and sockets are not.",
	    AT(live_dsn), .min = 1, .check = pg_dsn_problem },
	{ "IO7_TEST_DSN", CONF_TEXT, "dbname=io7_test",
	    "Where the test database is, likewise.", AT(test_dsn), .min = 1,
	    .check = pg_dsn_problem },
	{ "IO7_REDIS", CONF_TEXT, "unix:/run/redis/redis-server.sock",
	    "Where Redis is: unix:/path or host:port.", AT(redis), .min = 1,
	    .check = cache_address_problem },
	{ "IO7_REDIS_PASSWORD_FILE", CONF_SECRET_FILE, "",
	    "File that holds Redis's password; empty: none.",
	    AT(redis_password) },
	{ "IO7_RUN_DIR", CONF_PATH, "/run/io7",
	    "Folder of the sockets, the board and the journals of use.",
	    AT(run_dir), .min = 1, .max = RUN_DIR_MAX, .fixed = true },
	{ "IO7_USER", CONF_TEXT, "",
	    "User that serves when io7 is started as root; empty: root stays.",
	    AT(user), .fixed = true, .check = check_user },
	{ "IO7_SOCKET_GROUP", CONF_TEXT, "",
	    "Group that may use the sockets, nginx's; empty: only the owner.",
	    AT(socket_group), .fixed = true, .check = check_group },
	{ "IO7_SQL_DIR", CONF_PATH, "/usr/share/io7/sql",
	    "Folder of the migrations.", AT(sql_dir), .min = 1 },
	{ "IO7_LOG", CONF_TEXT, "-",
	    "File that log lines go to; -: standard error.", AT(log), .min = 1,
	    .check = check_log },
	{ "IO7_LOG_LEVEL", CONF_TEXT, "info",
	    "The least that is logged: debug, info, warn, error or alert.",
	    AT(log_level), .min = 1, .check = check_level },
	{ "IO7_LIVE_WORKERS", CONF_NUMBER, "40",
	    "Processes that serve live requests.", AT(live_workers), .min = 1,
	    .max = 1000 },
	{ "IO7_TEST_WORKERS", CONF_NUMBER, "10",
	    "Processes that serve requests in test mode.", AT(test_workers),
	    .min = 1, .max = 1000 },
	{ "IO7_STREAM_WORKERS", CONF_NUMBER, "16",
	    "Processes that serve long work: streams, exports, imports.",
	    AT(stream_workers), .min = 1, .max = 1000 },
	{ "IO7_STATUS_WORKERS", CONF_NUMBER, "1",
	    "Processes that serve health, status and metrics.",
	    AT(status_workers), .min = 1, .max = 100 },
	{ "IO7_ADDRESS_LIMIT", CONF_NUMBER, "20",
	    "Requests a minute from one address, or from one /64 of IPv6, that"
	    " show no credential that is known.",
	    AT(address_limit), .min = 1, .max = 1000000 },
	{ "IO7_BODY_MAX", CONF_BYTES, "1M",
	    "The largest request body, but for imports and uploads; nginx's"
	    " client_max_body_size bounds it too.",
	    AT(body_max), .min = 1024, .max = 64 << 20 },
	{ "IO7_REQUEST_MEMORY", CONF_BYTES, "64M",
	    "The most memory that one request may take in a worker.",
	    AT(request_memory), .min = 1 << 20, .max = 1 << 30 },
	{ "IO7_CONNECT_TIMEOUT", CONF_DURATION, "2s",
	    "How long opening a database connection may take.",
	    AT(connect_timeout), .min = 10 * NS_PER_MS, .max = 60 * NS_PER_S },
	{ "IO7_REDIS_TIMEOUT", CONF_DURATION, "250ms",
	    "How long a call to Redis may take.", AT(redis_timeout),
	    .min = NS_PER_MS, .max = 10 * NS_PER_S },
	{ "IO7_STATEMENT_TIMEOUT", CONF_DURATION, "6s",
	    "How long a worker waits for a statement before it hangs up; longer"
	    " than the role's statement_timeout.",
	    AT(statement_timeout), .min = 100 * NS_PER_MS,
	    .max = 600 * NS_PER_S },
	{ "IO7_READ_TIMEOUT", CONF_DURATION, "10s",
	    "How long a worker waits for the rest of a request, or for a client"
	    " that does not take its answer.",
	    AT(read_timeout), .min = 100 * NS_PER_MS, .max = 600 * NS_PER_S },
	{ "IO7_QUEUE_TIMEOUT", CONF_DURATION, "5s",
	    "How long a request may wait for a worker before it is refused.",
	    AT(queue_timeout), .min = 10 * NS_PER_MS, .max = 60 * NS_PER_S },
	{ "IO7_REQUEST_TIMEOUT", CONF_DURATION, "30s",
	    "How long a request may take before its worker is ended; streams are"
	    " exempt. nginx says 504 first where its fastcgi_read_timeout is no"
	    " longer.",
	    AT(request_timeout), .min = NS_PER_S, .max = 3600 * NS_PER_S },
	{ "IO7_DRAIN_TIMEOUT", CONF_DURATION, "30s",
	    "How long a stop waits for the requests under way.",
	    AT(drain_timeout), .min = 100 * NS_PER_MS, .max = 600 * NS_PER_S },
	{ "IO7_WORKER_REQUESTS", CONF_NUMBER, "100000",
	    "Requests after which a worker is replaced, or up to a quarter"
	    " fewer; 0: never.",
	    AT(worker_requests), .max = 1000000000 },
	{ "IO7_WORKER_MEMORY", CONF_BYTES, "256M",
	    "Resident memory past which a worker is replaced after a request.",
	    AT(worker_memory), .min = 1 << 20, .max = UINT64_C(64) << 30 },
	{ "IO7_NAMED_STATEMENTS", CONF_BOOL, "yes",
	    "Keep prepared statements; no: behind a PgBouncer that pools"
	    " transactions.",
	    AT(named_statements) },
	{ "IO7_PREPARED_STATEMENTS", CONF_NUMBER, "1000",
	    "Prepared statements that a connection keeps at most.",
	    AT(prepared_statements), .min = 10, .max = 100000 },
	{ "IO7_RENEW_AFTER", CONF_NUMBER, "2000",
	    "Statements that a connection prepares before it is renewed.",
	    AT(renew_after), .min = 10, .max = 1000000 },
	{ "IO7_RENEW_AGE", CONF_DURATION, "1h",
	    "Age at which a connection is renewed.", AT(renew_age),
	    .min = NS_PER_S, .max = 24 * 3600 * NS_PER_S },
	{ "IO7_JWT_ISSUER", CONF_TEXT, "",
	    "Whose tokens (JWT) are accepted: what their iss says; empty:"
	    " nobody's.",
	    AT(jwt_issuer), .max = 1000, .check = check_issuer },
	{ "IO7_JWT_AUDIENCE", CONF_TEXT, "authenticated",
	    "What the aud of a token must hold.", AT(jwt_audience), .min = 1,
	    .max = 1000 },
	{ "IO7_JWT_JWKS_URL", CONF_TEXT, "",
	    "Where the issuer's public keys are, for RS256, ES256 and EdDSA.",
	    AT(jwt_jwks_url), .max = 1000, .check = check_url },
	{ "IO7_JWT_SECRET_FILE", CONF_SECRET_FILE, "",
	    "File that holds the secret of tokens by HS256, 32 bytes or more;"
	    " empty: such tokens are refused.",
	    AT(jwt_secret), .check = check_token_secret },
	{ "IO7_TRANSFORM_TIMEOUT", CONF_DURATION, "1h",
	    "How long a transform of many keys may take; those that it has not"
	    " begun by then stay as they are.",
	    AT(transform_timeout), .min = NS_PER_S,
	    .max = 24 * 3600 * NS_PER_S },
	{ "IO7_JQ_TIMEOUT", CONF_DURATION, "5s",
	    "How long a jq program may take to compile, and as long again for"
	    " each value.",
	    AT(jq_timeout), .min = 10 * NS_PER_MS, .max = 300 * NS_PER_S },
	{ "IO7_JQ_MEMORY", CONF_BYTES, "256M",
	    "Address space of a jq program, some 30M of which are jq's own.",
	    AT(jq_memory), .min = 64 << 20, .max = UINT64_C(16) << 30 },
	{ "IO7_JQ_OUTPUT", CONF_BYTES, "16M",
	    "The most that a jq program may put out for one value.",
	    AT(jq_output), .min = 1024, .max = 1 << 30 },
	{ "IO7_JQ_PROGRAMS", CONF_NUMBER, "8",
	    "Compiled jq programs that a stream worker keeps, each in a process"
	    " of its own.",
	    AT(jq_programs), .min = 1, .max = 1000 },
	{ "IO7_PUBLIC_URL", CONF_TEXT, "",
	    "Where visitors reach this site, such as https://api.example.com;"
	    " empty: where the request says.",
	    AT(public_url), .max = 200, .check = check_origin },
	{ "IO7_GITHUB_CLIENT_ID", CONF_TEXT, "",
	    "Client id of the OAuth app at GitHub; empty: nobody signs in"
	    " with GitHub. Its callback is /auth/github/callback of this site.",
	    AT(github_client_id), .max = 200 },
	{ "IO7_GITHUB_CLIENT_SECRET_FILE", CONF_SECRET_FILE, "",
	    "File that holds the client secret of that app.",
	    AT(github_client_secret) },
	{ "IO7_GITHUB_URL", CONF_TEXT, "https://github.com",
	    "Where GitHub is; for GitHub Enterprise another.", AT(github_url),
	    .min = 1, .max = 500, .check = fetch_url_problem },
	{ "IO7_GITHUB_API", CONF_TEXT, "https://api.github.com",
	    "Where GitHub's API is, likewise.", AT(github_api), .min = 1,
	    .max = 500, .check = fetch_url_problem },
	{ "IO7_GITHUB_TIMEOUT", CONF_DURATION, "10s",
	    "How long GitHub may take for all that is asked of it at a sign-in.",
	    AT(github_timeout), .min = 100 * NS_PER_MS, .max = 60 * NS_PER_S },
	{ "IO7_STREAM_HEARTBEAT", CONF_DURATION, "15s",
	    "How long a stream says nothing before a comment shows that it"
	    " lives; shorter than nginx's fastcgi_read_timeout.",
	    AT(stream_heartbeat), .min = 100 * NS_PER_MS,
	    .max = 300 * NS_PER_S },
	{ "IO7_MODEL_URL", CONF_TEXT, "",
	    "Where a language model is that speaks as OpenAI's do, without"
	    " /chat/completions; empty: there is none.",
	    AT(model_url), .max = 500, .check = check_url },
	{ "IO7_MODEL_KEY_FILE", CONF_SECRET_FILE, "",
	    "File that holds the model service's key; empty: it needs none.",
	    AT(model_key) },
	{ "IO7_MODELS", CONF_TEXT, "",
	    "Models that may be asked for, separated by commas; the first is"
	    " taken where none is named.",
	    AT(models) },
	{ "IO7_MODEL_TOKENS_MAX", CONF_NUMBER, "4096",
	    "Tokens that an answer of a model may have.", AT(model_tokens_max),
	    .min = 1, .max = 1000000 },
	{ "IO7_MODEL_CREDIT_TOKENS", CONF_NUMBER, "1000",
	    "Tokens of a model, asked and answered, that cost a credit.",
	    AT(model_credit_tokens), .min = 1, .max = 1000000000 },
	{ "IO7_MODEL_SILENCE", CONF_DURATION, "60s",
	    "How long a model may say nothing before it is given up.",
	    AT(model_silence), .min = 100 * NS_PER_MS, .max = 600 * NS_PER_S },
	{ "IO7_MODEL_TIMEOUT", CONF_DURATION, "10m",
	    "How long an answer of a model may take in all.", AT(model_timeout),
	    .min = NS_PER_S, .max = 3600 * NS_PER_S },
	{ "IO7_CLOCK", CONF_PATH, "",
	    "File whose first eight bytes, an int64 of nanoseconds, shift the"
	    " wall clock: for tests.",
	    AT(clock), .fixed = true },
};

const size_t options_count = ARRAY_LEN(options_table);

/*
 * Variables that a person's shell may have for use with curl and `io7`, as the
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
	conf = conf_load(options_table, options_count, sizeof(struct options),
	    file, environment);
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
