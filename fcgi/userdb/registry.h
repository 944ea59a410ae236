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
	USERDB_HOST_MAX = 64,
};

/* One database. */
struct userdb {
	struct uuid user;
	enum mode mode;
	char name[USERDB_NAME_MAX + 1]; /* "live-" or "test-", 32 hex digits */
	char provider[16];
	char
	    host[USERDB_HOST_MAX + 1]; /* that has the file; "" for a service */
	char url[USERDB_URL_MAX + 1];  /* of the provider; "" for a file */
	char token[USERDB_TOKEN_MAX + 1]; /* decrypted; "" for a file */
	bool is_ready;                    /* the provider has created it */
	int32_t schema;
	uint64_t size;        /* as last recorded */
	uint64_t store_bytes; /* of the key-value store of the same mode */
};

/* The name of a user's database. */
void userdb_name(struct uuid user, enum mode mode,
    char name[USERDB_NAME_MAX + 1]);

/* The name of this host in the registry. */
const char *userdb_host(const struct conf *, char name[USERDB_HOST_MAX + 1]);

/*
 * The caller's database of its mode, from the cache or the table. A missing row
 * is added, and a pending file created; E_UNAVAILABLE: it is pending at a
 * service. The entry is valid until the next call.
 */
enum err userdb_find(struct req *, struct userdb **) MUST_CHECK;
/* Forgets what is cached of it. */
void userdb_forget(const struct userdb *);
/*
 * Records a new size of an entry of userdb_find(), if it changed by much or was
 * not recorded for a while: a write must not cost another one in PostgreSQL.
 */
void userdb_note_size(struct req *, const struct userdb *);

/* Reads an entry; E_NOT_FOUND: there is no row. For chores and commands. */
enum err userdb_read(const struct service *, struct arena *, struct uuid user,
    enum mode, struct userdb *, const char **why) MUST_CHECK;
/* Adds the rows of a user, as pending, unless they exist. */
enum err userdb_add(const struct service *, struct arena *, struct uuid user,
    const char **why) MUST_CHECK;
/* Lets the provider create a pending database, and records that. */
enum err userdb_make(const struct service *, struct arena *, struct userdb *,
    const char **why) MUST_CHECK;
/* Lets the provider remove a database, and deletes its row. */
enum err userdb_drop(const struct service *, struct arena *,
    const struct userdb *, const char **why) MUST_CHECK;
/* Records its size and the schema's version. */
enum err userdb_note(const struct service *, struct arena *,
    const struct userdb *, const char **why) MUST_CHECK;

/* Records a new token. */
enum err userdb_note_token(const struct service *, struct arena *,
    const struct userdb *, const char **why) MUST_CHECK;
/*
 * Records that the jobs in it may have changed, so that the room cron looks at
 * them.
 */
enum err userdb_note_jobs(const struct service *, struct arena *,
    const struct userdb *, const char **why) MUST_CHECK;
/*
 * True if statements name the table of the jobs. They may still change it without
 * that: through a trigger, or by a stored text of SQL.
 */
bool userdb_names_jobs(struct str statements);

/* E_MISDIRECTED: its file is on another host. */
enum err userdb_check_host(const struct service *, const struct userdb *,
    const char **why) MUST_CHECK;

/* Bytes that the database may have: the plan's storage less the store's. */
uint64_t userdb_size_max(const struct userdb *, int64_t plan_bytes);

#endif
