/*
 * A statement is sent as one pipeline together with what must precede it: BEGIN
 * if it opens a transaction, the identity for row-level security, its timeout.
 */
#include "fcgi/db/door.h"

#include "fcgi/http/req.h"
#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "lib/pg/pg.h"
#include "stmts/db.h"

#include <time.h>

enum { PAUSE_FIRST_MS = 2 };

/* Migrations may run for hours; one that runs for a day is stuck. */
#define SCRIPT_NS (24 * 3600 * NS_PER_S)

struct db_tx {
	struct db *db;
	struct pg *pg;
	struct arena *mem;
	enum mode mode;
	bool wants_begin; /* the next statement opens the transaction */
	bool is_open;
	bool has_identity;    /* db_identify() was called */
	bool identity_is_set; /* on the server, in the open transaction */
	bool timeout_is_set;  /* on the server, in the open transaction */
	struct uuid identity;
};

struct tenant_tx {
	struct db_tx tx;
	struct tenant tenant;
	bool must_exist;
};

void
tenant_name(struct uuid user, char schema[64])
{
	static const char prefix[] = "user_";

	memcpy(schema, prefix, sizeof(prefix) - 1);
	crypt_hex(user.b, sizeof(user.b), schema + sizeof(prefix) - 1);
	schema[sizeof(prefix) - 1 + 2 * sizeof(user.b)] = '\0';
}

static bool
is_schema_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n >= 1 && n <= 63 && name[n] == '\0' &&
	    !(name[0] >= '0' && name[0] <= '9');
}

static void
init_tx(struct db_tx *tx, struct db *db, struct arena *mem, enum mode mode)
{
	*tx = (struct db_tx){
		.db = db,
		.pg = db_pg(db, mode),
		.mem = mem,
		.mode = mode,
	};
}

struct db_tx *
db_open(struct db *db, struct arena *mem, enum mode mode)
{
	struct db_tx *tx = arena_alloc(mem, sizeof(*tx));

	if (tx)
		init_tx(tx, db, mem, mode);
	return tx;
}

struct db_tx *
db_begin(struct req *r, enum mode mode)
{
	return db_open(r->service->db, r->mem, mode);
}

enum err
db_result(struct req *r, const struct db_tx *tx, enum err e)
{
	return e == OK ? OK : fail(r, e, "%s", db_trouble(tx));
}

void
db_identify(struct db_tx *tx, struct uuid user)
{
	tx->has_identity = true;
	tx->identity_is_set = false;
	tx->identity = user;
}

enum err
tenant_open(struct db *db, struct arena *mem, const struct tenant *tenant,
    enum mode mode, struct tenant_tx **tx)
{
	char own[64];

	tenant_name(tenant->user, own);
	if (!memchr(tenant->schema, '\0', sizeof(tenant->schema)) ||
	    !is_schema_name(tenant->schema) || strcmp(tenant->schema, own) != 0)
		return E_FORBIDDEN;
	*tx = arena_alloc(mem, sizeof(**tx));
	if (!*tx)
		return E_TOO_LARGE;
	init_tx(&(*tx)->tx, db, mem, mode);
	(*tx)->tenant = *tenant;
	return OK;
}

enum err
tenant_begin(struct req *r, const struct tenant *tenant, enum mode mode,
    struct tenant_tx **tx)
{
	enum err e = tenant_open(r->service->db, r->mem, tenant, mode, tx);

	return e == OK ? OK : fail(r, e, "schema %s", tenant->schema);
}

void
tenant_must_exist(struct tenant_tx *tx)
{
	tx->must_exist = true;
}

static int64_t
deadline_of(const struct db_tx *tx, const struct stmt *stmt)
{
	return clock_mono_ns() + db_timeout_ns(tx->db) +
	    (stmt ? stmt->timeout_ms * NS_PER_MS : 0);
}

/* The steps of a pipeline, and the values that they point to. */
struct pipeline {
	struct pg_step steps[5];
	size_t n;
	struct stmt_value identity, timeout;
	char timeout_ms[16];
};

static void
add_begin_and_identity(struct pipeline *p, const struct db_tx *tx)
{
	bool is_set = tx->is_open && tx->identity_is_set;

	if (tx->wants_begin)
		p->steps[p->n++] = (struct pg_step){ .command = "BEGIN" };
	if (!tx->has_identity || is_set)
		return;
	p->identity = (struct stmt_value){ .uuid = tx->identity };
	p->steps[p->n++] = (struct pg_step){
		.stmt = &identity_set_stmt,
		.in = &p->identity,
	};
}

/* SET LOCAL lasts to the end of the transaction: reset it for the next one. */
static void
add_timeout(struct pipeline *p, const struct db_tx *tx, const struct stmt *stmt)
{
	if (stmt->timeout_ms) {
		snprintf(p->timeout_ms, sizeof(p->timeout_ms), "%d",
		    stmt->timeout_ms);
		p->timeout = (struct stmt_value){
			.text = str_of(p->timeout_ms),
		};
		p->steps[p->n++] = (struct pg_step){
			.stmt = &timeout_set_stmt,
			.in = &p->timeout,
		};
	} else if (tx->is_open && tx->timeout_is_set) {
		p->steps[p->n++] = (struct pg_step){
			.command = "SET LOCAL statement_timeout TO DEFAULT",
		};
	}
}

/*
 * A lost connection ends its transaction. Later statements of it must fail, not
 * run outside it on the next connection.
 */
static enum err
run(struct db_tx *tx, const struct pipeline *p, const struct stmt *stmt)
{
	enum err e;

	if (tx->is_open && !pg_in_transaction(tx->pg))
		return E_UNAVAILABLE;
	if (p->n == 0)
		return OK;
	e = pg_run(tx->pg, tx->mem, p->steps, p->n, deadline_of(tx, stmt));
	if (tx->wants_begin) {
		tx->is_open = true;
		tx->wants_begin = false;
	}
	tx->identity_is_set = tx->is_open;
	return e;
}

static enum err
call(struct db_tx *tx, const struct stmt *stmt, const char *schema,
    const struct stmt_value *in, struct stmt_result *out)
{
	struct pipeline p = { 0 };
	enum err e;

	if (!tx)
		return E_TOO_LARGE;
	add_begin_and_identity(&p, tx);
	add_timeout(&p, tx, stmt);
	p.steps[p.n++] = (struct pg_step){
		.stmt = stmt,
		.schema = schema,
		.in = in,
		.out = out,
	};
	e = run(tx, &p, stmt);
	tx->timeout_is_set = tx->is_open && stmt->timeout_ms != 0;
	return e;
}

enum err
db_call(struct db_tx *tx, const struct stmt *stmt, const struct stmt_value *in,
    struct stmt_result *out)
{
	return call(tx, stmt, NULL, in, out);
}

/* The schema or one of its tables is missing: the test database was wiped. */
static bool
is_missing(const struct tenant_tx *tx)
{
	const char *state = tenant_sqlstate(tx);

	return !tx->must_exist &&
	    (strcmp(state, "3F000") == 0 || strcmp(state, "42P01") == 0);
}

static enum err
provision_again(struct tenant_tx *tx)
{
	struct db_tx fresh;
	struct tenant_provision_row *row;

	init_tx(&fresh, tx->tx.db, tx->tx.mem, tx->tx.mode);
	return tenant_provision(&fresh, tx->tenant.user, &row);
}

enum err
tenant_call(struct tenant_tx *tx, const struct stmt *stmt,
    const struct stmt_value *in, struct stmt_result *out)
{
	bool alone = !tx->tx.is_open && !tx->tx.wants_begin;
	enum err e = call(&tx->tx, stmt, tx->tenant.schema, in, out);

	if (e == OK || !alone || !is_missing(tx))
		return e;
	e = provision_again(tx);
	if (e != OK)
		return e;
	return call(&tx->tx, stmt, tx->tenant.schema, in, out);
}

/* COMMIT after a failed statement is a rollback that reports success. */
static enum err
end_transaction(struct db_tx *tx, enum err e)
{
	struct pg_step step = { .command = e == OK ? "COMMIT" : "ROLLBACK" };
	bool was_open = tx->is_open;
	enum err ended;

	tx->is_open = tx->wants_begin = false;
	tx->identity_is_set = tx->timeout_is_set = false;
	if (!was_open)
		return e;
	if (!pg_in_transaction(tx->pg))
		return e == OK ? E_UNAVAILABLE : e;
	if (e == OK && pg_is_aborted(tx->pg)) {
		step.command = "ROLLBACK";
		e = E_INTERNAL;
	}
	ended = pg_run(tx->pg, tx->mem, &step, 1, deadline_of(tx, NULL));
	return e == OK ? ended : e;
}

/* A serialization failure or a deadlock: the transaction can be retried. */
static bool
is_conflict(const char *sqlstate)
{
	return strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0;
}

/* Random, so that the same two transactions do not conflict again. */
static void
pause_before(unsigned attempt)
{
	int64_t ns = (int64_t)PAUSE_FIRST_MS * NS_PER_MS << attempt;
	unsigned char spread = 0;

	if (crypt_random(&spread, 1))
		ns += ns * spread / UINT8_MAX;
	clock_sleep(ns);
}

/* The work of a tenant's or of a plain transaction. */
struct job {
	enum err (*tenant_work)(struct tenant_tx *, void *);
	enum err (*db_work)(struct db_tx *, void *);
	struct tenant_tx *tenant; /* NULL: a plain one */
	struct db_tx *tx;
	void *context;
};

static enum err
do_job(const struct job *job)
{
	if (job->tenant)
		return job->tenant_work(job->tenant, job->context);
	return job->db_work(job->tx, job->context);
}

static enum err
transact(const struct job *job, unsigned tries)
{
	struct db_tx *tx = job->tx;
	enum err e = OK;

	if (!tx)
		return E_TOO_LARGE;
	if (tx->is_open || tx->wants_begin || tries == 0)
		BUG("a nested transaction, or no tries");
	for (unsigned attempt = 0; attempt < tries; attempt++) {
		if (attempt)
			pause_before(attempt);
		pg_forget_trouble(tx->pg);
		tx->wants_begin = true;
		e = end_transaction(tx, do_job(job));
		if (e == OK || !is_conflict(pg_sqlstate(tx->pg)))
			break;
	}
	return e;
}

enum err
db_transact(struct db_tx *tx, unsigned tries,
    enum err (*work)(struct db_tx *, void *), void *context)
{
	return transact(&(struct job){ .tx = tx,
			    .db_work = work,
			    .context = context },
	    tries);
}

enum err
tenant_transact(struct tenant_tx *tx, unsigned tries,
    enum err (*work)(struct tenant_tx *, void *), void *context)
{
	const struct job job = {
		.tenant = tx,
		.tenant_work = work,
		.tx = &tx->tx,
		.context = context,
	};
	enum err e = transact(&job, tries);

	if (e == OK || !is_missing(tx))
		return e;
	e = provision_again(tx);
	return e == OK ? transact(&job, tries) : e;
}

enum err
db_script(struct db_tx *tx, const char *sql)
{
	struct pipeline p = { 0 };
	enum err e;

	add_begin_and_identity(&p, tx);
	e = run(tx, &p, NULL);
	return e == OK ? pg_script(tx->pg, sql, clock_mono_ns() + SCRIPT_NS)
		       : e;
}

size_t
db_position(const struct db_tx *tx)
{
	return pg_position(tx->pg);
}

const char *
db_sqlstate(const struct db_tx *tx)
{
	return tx ? pg_sqlstate(tx->pg) : "";
}

const char *
db_trouble(const struct db_tx *tx)
{
	return tx ? pg_trouble(tx->pg) : "no memory";
}

const char *
tenant_trouble(const struct tenant_tx *tx)
{
	return db_trouble(tx ? &tx->tx : NULL);
}

const char *
tenant_sqlstate(const struct tenant_tx *tx)
{
	return db_sqlstate(&tx->tx);
}
