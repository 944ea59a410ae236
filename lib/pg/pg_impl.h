/*
 * pg_impl: what the files of lib/pg share.
 *
 * Not:    for other files, which include pg.h.
 */
#ifndef IO7_LIB_PG_PG_IMPL_H
#define IO7_LIB_PG_PG_IMPL_H

#include "lib/pg/pg.h"
#include "lib/pg/stmt.h"

#include <libpq-fe.h>

enum {
	PG_PARAMS = 16,
	/* A prepared statement's name: "s" and a number. */
	PG_NAME = 24,
	/* Statements that one call evicts at most. */
	PG_EVICTED = 8,
};

struct pg_prepared;

struct pg {
	struct pg_options opts;
	PGconn *link;
	bool ready; /* connected, in pipeline mode */
	int64_t opened_ns, retry_at_ns;
	unsigned failures;
	struct pg_prepared *prepared;
	char sqlstate[6];
	char trouble[512];
	size_t position;
};

/* Connects if need be. */
enum err pg_ready(struct pg *, int64_t deadline_ns) MUST_CHECK;

/*
 * Sends what is queued and waits for the next result; NULL ends the results of
 * a step. False if the connection was lost or the deadline has passed.
 */
bool pg_next(struct pg *, int64_t deadline_ns, PGresult **) MUST_CHECK;

/* Keeps the SQLSTATE and the message of a failed result; its error. */
enum err pg_blame(struct pg *, const PGresult *);
/* Keeps the reason, closes the connection and backs off. */
enum err pg_lost(struct pg *, const char *why);

/* pg_prepared: the statements that are prepared on the connection. */
struct pg_prepared *pg_prepared_new(size_t limit, size_t tenants_max);
void pg_prepared_free(struct pg_prepared *);
void pg_prepared_clear(struct pg_prepared *);
/* True after tenants_max tenants since the last clear. */
bool pg_prepared_is_full(const struct pg_prepared *);

struct pg_statement_name {
	char name[PG_NAME];                /* "": use it without a name */
	bool known;                        /* already prepared */
	char evicted[PG_EVICTED][PG_NAME]; /* to deallocate first */
	size_t n_evicted;
};
/* The name of a statement that is bound to a schema. */
void pg_prepared_find(struct pg_prepared *, const struct stmt *,
    const char *schema, struct pg_statement_name *);
/* Preparing it failed, or the server has dropped it. */
void pg_prepared_forget(struct pg_prepared *, const char *name);

/* pg_value: C values to PostgreSQL's binary format and back. */
struct pg_wire {
	const char *values[PG_PARAMS];
	int lengths[PG_PARAMS], formats[PG_PARAMS];
	Oid types[PG_PARAMS];
};
Oid pg_oid(enum stmt_type);
const char *pg_type_name(Oid);
bool pg_encode(struct arena *, const struct stmt *, const struct stmt_value *,
    struct pg_wire *) MUST_CHECK;
enum err pg_decode(struct arena *, const struct stmt *, const PGresult *,
    struct stmt_result *) MUST_CHECK;

#endif
