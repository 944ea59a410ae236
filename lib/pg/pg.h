/*
 * pg: one connection to one PostgreSQL database.
 *
 * Owns:   the connection, opened when first needed, and what is prepared on it.
 * Not:    statements: those come from sql/q through the door.
 * Limit:  every call ends by its deadline; a call that the server did not
 *         answer by then closes the connection, and the next opens another.
 */
#ifndef IO7_LIB_PG_PG_H
#define IO7_LIB_PG_PG_H

#include "lib/base/err.h"
#include "lib/pg/stmt.h"

struct pg;

struct pg_options {
	const char *dsn;    /* libpq's keywords, no user, no password */
	const char *role;   /* who to be */
	const char *name;   /* as pg_stat_activity shows it */
	int64_t connect_ns; /* how long opening may take */
	bool named;         /* keep named prepared statements */
	size_t prepared;    /* how many of those at most */
	size_t renew_after; /* prepared in all before it is renewed */
	int64_t renew_ns;   /* age before it is renewed */
};

struct pg *pg_new(const struct pg_options *);
void pg_free(struct pg *);

/* NULL, or what is wrong with a DSN as an operator wrote it. */
const char *pg_dsn_problem(const char *dsn);

/* Asks several databases at once; ok[i] tells which answered in time. */
void pg_ping(struct pg *const *, size_t n, int64_t deadline_ns, bool *ok);

/*
 * One element of a pipeline: a statement with its values, or one of the words
 * that begin and end a transaction.
 */
struct pg_step {
	const struct stmt *stmt; /* NULL: the word */
	const char *word;        /* "BEGIN", "COMMIT", "ROLLBACK" */
	const char *schema;      /* of the tenant; NULL for other statements */
	const struct stmt_value *in;
	struct stmt_result *out;
};

/*
 * Runs n steps in one round trip. Without a BEGIN of their own they are one
 * transaction. The first failure is returned, and nothing after it was done.
 */
enum err pg_run(struct pg *, struct arena *, const struct pg_step *, size_t n,
    int64_t deadline_ns) MUST_CHECK;

/*
 * Runs the statements of a whole file, which leave the transaction as they
 * find it; for migrations.
 */
enum err pg_script(struct pg *, const char *sql, int64_t deadline_ns)
    MUST_CHECK;

/* Compares a statement's declared types with the server's; NULL if alike. */
const char *pg_check_stmt(struct pg *, struct arena *, const struct stmt *,
    const char *schema, int64_t deadline_ns);

/* Within an explicit transaction, or one that failed and waits for its end. */
bool pg_in_transaction(const struct pg *);
/* The latter: nothing but a rollback is possible. */
bool pg_is_aborted(const struct pg *);

/* Closes it: the server rolls back what was not committed. */
void pg_hang_up(struct pg *);

/* SQLSTATE of the last failure, "" where the server gave none. */
const char *pg_sqlstate(const struct pg *);
/* The last failure in words, for the log and for operators. */
const char *pg_trouble(const struct pg *);
/* The character at which it happened, counted from 1; 0: not known. */
size_t pg_position(const struct pg *);

/* What comes next is told from what was before. */
void pg_forget_trouble(struct pg *);

/* The SQLSTATE table. */
enum err pg_err_of(const char *sqlstate);

#endif
