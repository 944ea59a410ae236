/*
 * pg: one connection to one PostgreSQL database.
 *
 * Owns:   the connection, which is opened when it is first needed, and the
 *         statements prepared on it.
 * Not:    SQL: statements come from sql/q through the door.
 * Limit:  every call ends by its deadline. A call that the server has not
 *         answered by then closes the connection; the next call reconnects.
 */
#ifndef IO7_LIB_PG_PG_H
#define IO7_LIB_PG_PG_H

#include "lib/base/err.h"
#include "lib/base/str.h"

struct pg;
struct stmt;
struct stmt_result;
struct stmt_value;

struct pg_options {
	const char *dsn;    /* without user and password */
	const char *role;   /* the user to connect as */
	const char *name;   /* in pg_stat_activity */
	int64_t connect_ns; /* limit to connect */
	bool named;         /* keep prepared statements */
	size_t prepared;    /* how many at most */
	size_t tenants;     /* reconnect after meeting so many */
	int64_t renew_ns;   /* reconnect after so long */
};

struct pg *pg_new(const struct pg_options *);
void pg_free(struct pg *);

/* Returns what is wrong with a DSN, or NULL. */
const char *pg_dsn_problem(const char *dsn);

/* Pings several databases in parallel; ok[i]: the i-th answered in time. */
void pg_ping(struct pg *const *, size_t n, int64_t deadline_ns, bool *ok);

/* A step of a pipeline: a statement with its values, or a command. */
struct pg_step {
	const struct stmt *stmt; /* NULL: a command */
	const char *command;     /* "BEGIN", "COMMIT", "ROLLBACK" */
	const char *schema;      /* of the tenant, or NULL */
	const struct stmt_value *in;
	struct stmt_result *out;
};

/*
 * Runs n steps in one round trip. Without a BEGIN they are one transaction.
 * Returns the first failure; the steps after it did not run.
 */
enum err pg_run(struct pg *, struct arena *, const struct pg_step *, size_t n,
    int64_t deadline_ns) MUST_CHECK;

/*
 * Runs the statements of a migration. They must not begin or end a transaction.
 */
enum err pg_script(struct pg *, const char *sql, int64_t deadline_ns)
    MUST_CHECK;

/*
 * Returns how the declared types of a statement differ from the server's, or
 * NULL.
 */
const char *pg_check_stmt(struct pg *, struct arena *, const struct stmt *,
    const char *schema, int64_t deadline_ns);

/* In an explicit transaction, which may have failed. */
bool pg_in_transaction(const struct pg *);
/* In a failed transaction, in which only ROLLBACK is possible. */
bool pg_is_aborted(const struct pg *);

/* Closes the connection; the server rolls back what is not committed. */
void pg_hang_up(struct pg *);

/* The SQLSTATE of the last failure; "" if the server sent none. */
const char *pg_sqlstate(const struct pg *);
/* The message of the last failure, for the log and for operators. */
const char *pg_trouble(const struct pg *);
/* The position of the last failure in the SQL, from 1; 0: unknown. */
size_t pg_position(const struct pg *);

/* Clears the last failure. */
void pg_forget_trouble(struct pg *);

/* The error that a SQLSTATE stands for. */
enum err pg_err_of(const char *sqlstate);

#endif
