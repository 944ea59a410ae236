/*
 * provider: where a user's databases are, and how statements reach them.
 *
 * Owns:   the list of providers: `file`, on this host, and `turso`, a service.
 * Not:    the registry, which says which provider has a database.
 */
#ifndef IO7_FCGI_USERDB_PROVIDER_H
#define IO7_FCGI_USERDB_PROVIDER_H

#include "fcgi/userdb/ask.h"

/* A pipeline or a cursor of Hrana. */
struct hrana_call {
	bool is_cursor;
	int version; /* 2 or 3 */
	bool may_write;
	uint64_t size_max; /* bytes that the database may have */
	struct str body;
};

struct provider {
	const char *name; /* in the registry */
	bool is_local;    /* its databases are on the host of their entry */
	/*
	 * Looks whether it can create databases. *why is a sentence for the
	 * operator, also on success.
	 */
	enum err (
	    *check)(const struct service *, struct arena *, const char **why);
	/*
	 * Creates the database, or finds it: idempotent. Fills in url, token,
	 * schema and size of the entry, to be stored. On failure *why is for
	 * the log.
	 */
	enum err (*make)(const struct service *, struct arena *,
	    struct userdb *, const char **why);
	/* Removes it; OK if there is none. */
	enum err (*drop)(const struct service *, struct arena *,
	    const struct userdb *, const char **why);
	/*
	 * Answers the request, charging as it goes. Sets the size and the
	 * schema of the entry if it learns them.
	 */
	enum err (
	    *run)(struct req *, struct userdb *, const struct hrana_call *);
	/*
	 * A pipeline of io7 itself, which is not charged: its answer. On failure
	 * sets `why`. Sets the size of the entry if it learns it.
	 */
	enum err (*ask)(struct userdb_ask *, const struct hrana_call *,
	    struct str *answer);
	/* The size in bytes, and the version of the schema. */
	enum err (*facts)(const struct service *, struct arena *,
	    struct userdb *, const char **why);
	/*
	 * Answers with a consistent copy, as an SQLite file; and replaces the
	 * content by the file that is the body. NULL: the provider cannot.
	 */
	enum err (*save)(struct req *, struct userdb *);
	enum err (*load)(struct req *, struct userdb *, uint64_t size_max);
};

extern const struct provider provider_file;
extern const struct provider provider_turso;

/* NULL: there is none of that name. */
const struct provider *provider_find(struct str name);

#endif
