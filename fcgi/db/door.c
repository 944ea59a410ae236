/*
 * The door. A statement goes as one pipeline, with all that it needs before
 * it: BEGIN where a transaction is due, the identity for row-level security.
 */
#include "fcgi/db/door.h"

#include "fcgi/http/req.h"
#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "lib/pg/pg.h"
#include "stmts.h"

#include <time.h>

enum { PAUSE_FIRST_MS = 2 };

/* A migration takes as long as it takes; what takes a day is stuck. */
#define SCRIPT_NS (24 * 3600 * NS_PER_S)

struct db_tx {
	struct db *db;
	struct pg *pg;
	struct arena *mem;
	enum mode mode;
	bool wants_begin; /* the next statement opens the transaction */
	bool is_open;     /* it was opened */
	bool is_identified;
	bool is_told;    /* the open transaction knows the identity */
	bool has_waited; /* and has another statement_timeout than its role */
	struct uuid identity;
};

struct tenant_tx {
	struct db_tx base;
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
open_base(struct db_tx *tx, struct db *db, struct arena *mem, enum mode mode)
{
	*tx = (struct db_tx){
		.db = db,
		.pg = db_pg(db, mode),
		.mem = mem,
		.mode = mode,
	};
}

enum err
db_open(struct db *db, struct arena *mem, enum mode mode, struct db_tx **tx)
{
	*tx = arena_alloc(mem, sizeof(**tx));
	if (!*tx)
		return E_TOO_LARGE;
	open_base(*tx, db, mem, mode);
	return OK;
}

void
db_identify(struct db_tx *tx, struct uuid user)
{
	tx->is_identified = true;
	tx->is_told = false;
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
	open_base(&(*tx)->base, db, mem, mode);
	(*tx)->tenant = *tenant;
	return OK;
}

enum err
tenant_begin(struct req *r, enum mode mode, struct tenant_tx **tx)
{
	enum err e;

	if (!r->tenant)
		return fail(r, E_UNAUTHORIZED, "no tenant");
	e = tenant_open(r->service->db, r->mem, r->tenant, mode, tx);
	return e == OK ? OK : fail(r, e, "schema %s", r->tenant->schema);
}

void
tenant_must_exist(struct tenant_tx *tx)
{
	tx->must_exist = true;
}

static int64_t
deadline_of(const struct db_tx *tx, const struct stmt *stmt)
{
	return clock_mono_ns() + db_patience(tx->db) +
	    (stmt ? stmt->timeout_ms * NS_PER_MS : 0);
}

/* What a pipeline is made of, and the values that its steps point to. */
struct pipeline {
	struct pg_step steps[5];
	size_t n;
	struct stmt_value identity, timeout;
	char timeout_ms[16];
};

/* What a transaction has to be told before the statement itself. */
static void
add_prelude(struct pipeline *p, const struct db_tx *tx)
{
	bool is_told = tx->is_open && tx->is_told;

	if (tx->wants_begin)
		p->steps[p->n++] = (struct pg_step){ .word = "BEGIN" };
	if (!tx->is_identified || is_told)
		return;
	p->identity = (struct stmt_value){ .uuid = tx->identity };
	p->steps[p->n++] = (struct pg_step){
		.stmt = &identity_set_stmt,
		.in = &p->identity,
	};
}

/* One statement's own time is not that of the next in its transaction. */
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
	} else if (tx->is_open && tx->has_waited) {
		p->steps[p->n++] = (struct pg_step){
			.word = "SET LOCAL statement_timeout TO DEFAULT",
		};
	}
}

/*
 * A connection that was lost takes its transaction with it. What comes later
 * must not run by itself on the next one.
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
	tx->is_told = tx->is_open;
	return e;
}

static enum err
call(struct db_tx *tx, const struct stmt *stmt, const char *schema,
    const struct stmt_value *in, struct stmt_result *out)
{
	struct pipeline p = { 0 };
	enum err e;

	add_prelude(&p, tx);
	add_timeout(&p, tx, stmt);
	p.steps[p.n++] = (struct pg_step){
		.stmt = stmt,
		.schema = schema,
		.in = in,
		.out = out,
	};
	e = run(tx, &p, stmt);
	tx->has_waited = tx->is_open && stmt->timeout_ms != 0;
	return e;
}

enum err
db_call(struct db_tx *tx, const struct stmt *stmt, const struct stmt_value *in,
    struct stmt_result *out)
{
	return call(tx, stmt, NULL, in, out);
}

/* The schema or a table of it is not there: the test database was wiped. */
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

	open_base(&fresh, tx->base.db, tx->base.mem, tx->base.mode);
	return tenant_provision(&fresh, tx->tenant.user, &row);
}

enum err
tenant_call(struct tenant_tx *tx, const struct stmt *stmt,
    const struct stmt_value *in, struct stmt_result *out)
{
	bool alone = !tx->base.is_open && !tx->base.wants_begin;
	enum err e = call(&tx->base, stmt, tx->tenant.schema, in, out);

	if (e == OK || !alone || !is_missing(tx))
		return e;
	e = provision_again(tx);
	if (e != OK)
		return e;
	return call(&tx->base, stmt, tx->tenant.schema, in, out);
}

/* A failed statement turns COMMIT into a rollback that looks like success. */
static enum err
end_transaction(struct db_tx *tx, enum err e)
{
	struct pg_step step = { .word = e == OK ? "COMMIT" : "ROLLBACK" };
	bool was_open = tx->is_open;
	enum err ended;

	tx->is_open = tx->wants_begin = false;
	tx->is_told = tx->has_waited = false;
	if (!was_open)
		return e;
	if (!pg_in_transaction(tx->pg))
		return e == OK ? E_UNAVAILABLE : e;
	if (e == OK && pg_is_aborted(tx->pg)) {
		step.word = "ROLLBACK";
		e = E_INTERNAL;
	}
	ended = pg_run(tx->pg, tx->mem, &step, 1, deadline_of(tx, NULL));
	return e == OK ? ended : e;
}

static bool
was_in_the_way(const char *sqlstate)
{
	return strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0;
}

/* A different pause for each, or the same two would meet again. */
static void
pause_before(unsigned attempt)
{
	int64_t ns = (int64_t)PAUSE_FIRST_MS * NS_PER_MS << attempt;
	unsigned char spread = 0;
	struct timespec t;

	if (crypt_random(&spread, 1))
		ns += ns * spread / UINT8_MAX;
	t = (struct timespec){ ns / NS_PER_S, ns % NS_PER_S };
	nanosleep(&t, NULL);
}

/* The work of either kind of transaction. */
struct job {
	enum err (*tenant_work)(struct tenant_tx *, void *);
	enum err (*db_work)(struct db_tx *, void *);
	struct tenant_tx *tenant;
	struct db_tx *base;
	void *context;
};

static enum err
do_job(const struct job *job)
{
	if (job->tenant)
		return job->tenant_work(job->tenant, job->context);
	return job->db_work(job->base, job->context);
}

static enum err
transact(const struct job *job, unsigned tries)
{
	struct db_tx *tx = job->base;
	enum err e = OK;

	if (tx->is_open || tx->wants_begin || tries == 0)
		BUG("a transaction within a transaction, or none at all");
	for (unsigned attempt = 0; attempt < tries; attempt++) {
		if (attempt)
			pause_before(attempt);
		pg_forget_trouble(tx->pg);
		tx->wants_begin = true;
		e = end_transaction(tx, do_job(job));
		if (e == OK || !was_in_the_way(pg_sqlstate(tx->pg)))
			break;
	}
	return e;
}

enum err
db_transact(struct db_tx *tx, unsigned tries,
    enum err (*work)(struct db_tx *, void *), void *context)
{
	return transact(&(struct job){ .base = tx,
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
		.base = &tx->base,
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

	add_prelude(&p, tx);
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
	return pg_sqlstate(tx->pg);
}

const char *
db_trouble(const struct db_tx *tx)
{
	return tx ? pg_trouble(tx->pg) : "no memory";
}

const char *
tenant_trouble(const struct tenant_tx *tx)
{
	return db_trouble(tx ? &tx->base : NULL);
}

const char *
tenant_sqlstate(const struct tenant_tx *tx)
{
	return db_sqlstate(&tx->base);
}
