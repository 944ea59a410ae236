/*
 * door: the only way to a tenant's data, and to statements at all.
 *
 * Owns:   the transaction, and the binding of {tenant} to a schema's name.
 * Not:    SQL: that is generated from sql/q; nor connections: nobody behind
 *         this header ever sees one.
 * Limit:  one transaction at a time in each database; a statement's time is
 *         bounded by the role, its answer by IO7_STATEMENT_TIMEOUT.
 */
#ifndef IO7_FCGI_DB_DOOR_H
#define IO7_FCGI_DB_DOOR_H

#include "fcgi/db/db.h"
#include "lib/base/err.h"
#include "lib/pg/stmt.h"

struct req;

/* Whose data: the schema's name as io7.tenants has it. */
struct tenant {
	struct uuid user;
	char schema[64];
};

/* The name that belongs to a user: "user_" and 32 hex digits. */
void tenant_name(struct uuid user, char schema[64]);

/* One user's data in one mode. */
struct tenant_tx;
/* What stands once in a database, for all users. */
struct db_tx;

/*
 * Refuses a schema that is out of the pattern or another user's before a byte
 * goes to PostgreSQL. Each call is a transaction and a round trip of its own.
 */
enum err tenant_open(struct db *, struct arena *, const struct tenant *,
    enum mode, struct tenant_tx **) MUST_CHECK;
/* The same for the user whom the gate let in. */
enum err tenant_begin(struct req *, enum mode, struct tenant_tx **) MUST_CHECK;

/*
 * A schema that is not there is made where it belongs to a user, as after a wipe
 * of the test data. After this it is an error: for who acts unasked, and must
 * not bring back what was dropped meanwhile.
 */
void tenant_must_exist(struct tenant_tx *);

enum err db_open(struct db *, struct arena *, enum mode, struct db_tx **)
    MUST_CHECK;
/* Row-level security sees this user in all further calls. */
void db_identify(struct db_tx *, struct uuid user);

/*
 * Several statements as one transaction: BEGIN, work, then COMMIT where it
 * returned OK and ROLLBACK where it did not. Where another transaction was in
 * the way, it is done again, at most `tries` times in all: work must then
 * have no effect but on the database.
 */
enum err tenant_transact(struct tenant_tx *, unsigned tries,
    enum err (*work)(struct tenant_tx *, void *), void *) MUST_CHECK;
enum err db_transact(struct db_tx *, unsigned tries,
    enum err (*work)(struct db_tx *, void *), void *) MUST_CHECK;

/*
 * Runs a whole file within base_transact(), however long that takes; for
 * migrations. Where it fails, base_position() is the character, counted from
 * 1, or 0 where the server does not say.
 */
enum err db_script(struct db_tx *, const char *sql) MUST_CHECK;
size_t db_position(const struct db_tx *);

/*
 * SQLSTATE and words of the last failure, for the log and for operators; of
 * what could not be opened (NULL) the words alone.
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
