/*
 * options: what an operator can set, and the values in force.
 *
 * Owns:   the options of every process, and the list of all slices.
 * Not:    the options of one room: those are a slice of its own, which only
 *         that room reads.
 * Limit:  OPTIONS_SLICES slices.
 */
#ifndef IO7_FCGI_OPTIONS_H
#define IO7_FCGI_OPTIONS_H

#include "lib/os/conf.h"

enum { OPTIONS_SLICES = 32 };

struct options {
	const char *live_dsn, *test_dsn;
	const char *redis, *redis_password;
	const char *run_dir, *user, *socket_group, *sql_dir;
	const char *log, *log_level;
	const char *seal_keys; /* see lib/crypto/seal.h */
	uint64_t live_workers, test_workers, stream_workers, status_workers;
	uint64_t runners;
	uint64_t client_requests;
	uint64_t body_max, request_memory;
	int64_t connect_timeout, redis_timeout, statement_timeout;
	int64_t read_timeout, queue_timeout, request_timeout, drain_timeout;
	uint64_t worker_requests, worker_memory;
	bool named_statements;
	uint64_t prepared_statements, renew_after;
	int64_t renew_age;
	/* The limit of a transform; also of its claim, see idempotency.c. */
	int64_t transform_timeout;
	int64_t stream_heartbeat;
	const char *clock;
};

extern const struct conf_slice base_options;

/* Adds the slice of a room; NULL: it has none. */
void options_add(const struct conf_slice *);
/* All slices, as conf_load() takes them. */
const struct conf_slice *const *options_slices(void);

/* Reads a file (NULL: the defaults) and the environment. */
struct conf *options_read(const char *file);

/*
 * The same when a command starts: prints every fault, and exits with EX_CONFIG
 * when there is one.
 */
struct conf *options_load(const char *file);

const struct options *options_of(const struct conf *);

/* The struct of a room: ROOM_OPTIONS(kv, conf) is a struct kv_options *. */
#define ROOM_OPTIONS(room, conf) \
	((const struct room##_options *)conf_values(conf, &room##_options))

/* For .check: an address of http or https, or nothing. */
const char *options_url_problem(const char *text);

#endif
