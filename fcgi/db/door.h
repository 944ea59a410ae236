/*
 * door: the only way to a tenant's data, and to run statements at all.
 *
 * Owns:   transactions, and the binding of {tenant} to a schema name.
 * Not:    SQL, which is generated from sql/q; nor connections, which stay
 *         hidden behind this header.
 * Limit:  one transaction at a time in each database. The role bounds how long
 *         a statement runs, IO7_STATEMENT_TIMEOUT how long its answer takes.
 */
#ifndef IO7_FCGI_DB_DOOR_H
#define IO7_FCGI_DB_DOOR_H

#include "fcgi/db/db.h"
#include "lib/base/err.h"
#include "lib/pg/stmt.h"

struct req;

/* The owner of some data, and the name of the schema as io7.tenants has it. */
struct tenant {
	struct uuid user;
	char schema[64];
};

/* The name of a user's schema: "user_" and 32 hex digits. */
void tenant_name(struct uuid user, char schema[64]);

/* Access to one user's data in one mode. */
struct tenant_tx;
/* Access to the tables that a database has once, for all users. */
struct db_tx;

/*
 * Each call on it is a transaction and a round trip of its own. E_FORBIDDEN for
 * a malformed schema name or another user's, before anything is sent.
 */
enum err tenant_open(struct db *, struct arena *, const struct tenant *,
    enum mode, struct tenant_tx **) MUST_CHECK;
/* The same for a request; on failure the request fails with that error. */
enum err tenant_begin(struct req *, const struct tenant *, enum mode,
    struct tenant_tx **) MUST_CHECK;

/*
 * By default a missing schema is created, as after a wipe of the test data.
 * After this call it is an error: background work must not bring back a schema
 * that was dropped in between.
 */
void tenant_must_exist(struct tenant_tx *);

/* NULL without memory: then each call on it fails with E_TOO_LARGE. */
struct db_tx *db_open(struct db *, struct arena *, enum mode);
/* The same for a request. */
struct db_tx *db_begin(struct req *, enum mode);
/* Returns e; if it is an error, the request fails with PostgreSQL's message. */
enum err db_result(struct req *, const struct db_tx *, enum err e);

/* Row-level security sees this user in all further calls. */
void db_identify(struct db_tx *, struct uuid user);

/*
 * Several statements as one transaction: BEGIN, work, then COMMIT if work
 * returned OK, else ROLLBACK. After a serialization failure or a deadlock it is
 * tried again, `tries` times in all, so work may change nothing but the
 * database.
 */
enum err tenant_transact(struct tenant_tx *, unsigned tries,
    enum err (*work)(struct tenant_tx *, void *), void *) MUST_CHECK;
enum err db_transact(struct db_tx *, unsigned tries,
    enum err (*work)(struct db_tx *, void *), void *) MUST_CHECK;

/*
 * For migrations: runs a whole file within db_transact(), however long it
 * takes. After a failure db_position() is the position of the error, counted in
 * characters from 1, or 0 if the server does not say.
 */
enum err db_script(struct db_tx *, const char *sql) MUST_CHECK;
size_t db_position(const struct db_tx *);

/*
 * SQLSTATE and message of the last failure, for the log and for operators. The
 * message of NULL is "no memory".
 */
const char *db_sqlstate(const struct db_tx *);
const char *db_trouble(const struct db_tx *);
const char *tenant_sqlstate(const struct tenant_tx *);
const char *tenant_trouble(const struct tenant_tx *);

/* For the generated statements. */
enum err tenant_call(struct tenant_tx *, const struct stmt *,
    const struct stmt_value *in, struct stmt_result *out) MUST_CHECK;
enum err db_call(struct db_tx *, const struct stmt *,
    const struct stmt_value *in, struct stmt_result *out) MUST_CHECK;

#endif
