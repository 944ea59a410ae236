/*
 * registry: which databases exist, whose they are, and where.
 *
 * Owns:   the rows of io7.user_databases, and a short cache of them in each
 *         worker.
 * Not:    the databases themselves: providers have those.
 * Limit:  two databases a user, one for each mode.
 */
#ifndef IO7_FCGI_USERDB_REGISTRY_H
#define IO7_FCGI_USERDB_REGISTRY_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"
#include "lib/base/str.h"
#include "lib/base/uuid.h"

enum {
	USERDB_NAME_MAX = 64,
	USERDB_URL_MAX = 256,
	USERDB_TOKEN_MAX = 2048,
};

/* One database. */
struct userdb {
	struct uuid user;
	enum mode mode;
	char name[USERDB_NAME_MAX + 1]; /* "live-" or "test-", 32 hex digits */
	char provider[16];
	char host[65]; /* that has the file; "" for a service */
	char url[USERDB_URL_MAX + 1];
	char token[USERDB_TOKEN_MAX + 1]; /* unsealed; "" for a file */
	bool is_ready;                    /* the provider has created it */
	int32_t schema;
	uint64_t size;
};

/* The name of a user's database. */
void userdb_name(struct uuid user, enum mode, char name[USERDB_NAME_MAX + 1]);

/*
 * The caller's database of his mode, from the cache or the table. E_NOT_FOUND:
 * it was dropped and may be made again.
 */
enum err userdb_find(struct req *, const struct userdb **) MUST_CHECK;

#endif
