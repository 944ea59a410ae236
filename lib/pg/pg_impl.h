/*
 * pg_impl: what the files of lib/pg share.
 *
 * Owns:   struct pg.
 * Not:    for anybody else: pg.h is the contract.
 * Limit:  as pg.h.
 */
#ifndef IO7_LIB_PG_PG_IMPL_H
#define IO7_LIB_PG_PG_IMPL_H

#include "lib/pg/pg.h"

#include <libpq-fe.h>

enum {
	PG_PARAMS = 16,
	/* A prepared statement's name: "s" and a number. */
	PG_NAME = 24,
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

/* Connected and idle, or the reason why not. */
enum err pg_ready(struct pg *, int64_t deadline_ns) MUST_CHECK;

/*
 * Sends what is queued and waits for the next result; NULL marks the end of
 * one step's results. False when the connection was lost or time ran out.
 */
bool pg_next(struct pg *, int64_t deadline_ns, PGresult **) MUST_CHECK;

/* Keeps a failed result's SQLSTATE and words; its place in the table. */
enum err pg_blame(struct pg *, const PGresult *);
/* The connection failed: words are kept, it is closed. */
enum err pg_lost(struct pg *, const char *why);

/* pg_prepared: which statements this connection has prepared. */
struct pg_prepared *pg_prepared_new(size_t limit);
void pg_prepared_free(struct pg_prepared *);
void pg_prepared_clear(struct pg_prepared *);
/* How many have been prepared since the last clear. */
size_t pg_prepared_total(const struct pg_prepared *);

struct pg_place {
	char name[PG_NAME];
	char evicted[PG_NAME]; /* to be closed first, "" if none */
	bool known;            /* prepared already */
};
/* The name for a statement bound to a schema, and whether it is new. */
void pg_prepared_find(struct pg_prepared *, const struct stmt *,
    const char *schema, struct pg_place *);
/* Preparing it failed, or the server does not know it any more. */
void pg_prepared_forget(struct pg_prepared *, const char *name);

/* pg_value: C values to the wire's binary format and back. */
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
