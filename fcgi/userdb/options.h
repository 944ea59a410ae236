/*
 * options: the options of user databases.
 */
#ifndef IO7_FCGI_USERDB_OPTIONS_H
#define IO7_FCGI_USERDB_OPTIONS_H

#include "fcgi/options.h"

/* The socket of the spawner, below IO7_RUN_DIR. */
#define USERDB_SPAWNER_SOCKET "keepers.sock"

struct userdb_options {
	const char *provider, *host;
	uint64_t workers, body_max;
	int64_t timeout; /* of a request */

	/* Of the provider `file`. */
	const char *folder;
	uint64_t keepers, keeper_memory, file_max, heap, result_max, streams;
	int64_t keeper_idle, statement_timeout, lock_timeout, stream_idle;

	/* Of the provider `turso`. */
	const char *turso_url, *turso_token, *turso_org, *turso_group;
	int64_t turso_timeout;
};

extern const struct conf_slice userdb_options;

#endif
