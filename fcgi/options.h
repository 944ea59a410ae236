/*
 * options: what an operator can set, and the values in force.
 *
 * Owns:   the option table.
 * Not:    the parsing: lib/conf does that, for any table.
 * Limit:  none.
 */
#ifndef IO7_FCGI_OPTIONS_H
#define IO7_FCGI_OPTIONS_H

#include "lib/os/conf.h"

struct options {
	const char *live_dsn, *test_dsn;
	const char *redis, *redis_password;
	const char *run_dir, *user, *socket_group, *sql_dir;
	const char *log, *log_level;
	uint64_t live_workers, test_workers, stream_workers, status_workers;
	uint64_t address_limit;
	uint64_t body_max, request_memory;
	int64_t connect_timeout, redis_timeout, statement_timeout;
	int64_t read_timeout, queue_timeout, request_timeout, drain_timeout;
	uint64_t worker_requests, worker_memory;
	uint64_t prepared_statements, renew_after;
	int64_t renew_age;
	const char *model_url, *model_key, *models;
	uint64_t model_tokens_max, model_credit_tokens;
	int64_t stream_heartbeat, model_silence, model_timeout;
	int64_t transform_timeout, jq_timeout;
	uint64_t jq_memory, jq_output, jq_programs;
	bool named_statements;
	const char *jwt_issuer, *jwt_audience, *jwt_jwks_url, *jwt_secret;
	const char *public_url;
	const char *github_client_id, *github_client_secret;
	const char *github_url, *github_api;
	int64_t github_timeout;
	const char *clock;
};

extern const struct conf_option options_table[];
extern const size_t options_count;

/* The options of a file (NULL: the defaults) and the environment. */
struct conf *options_read(const char *file);

/*
 * The same at the start of a command: prints every fault and ends the process
 * with EX_CONFIG when there is one.
 */
struct conf *options_load(const char *file);

#endif
