/*
 * Pipelines: a call sends everything in one round trip, including the
 * preparation of statements.
 */
#include "lib/pg/pg_impl.h"

#include "lib/base/panic.h"

enum { REPLIES = 64 };

enum reply_kind { REPLY_IGNORED, REPLY_PREPARED, REPLY_ROWS };

/* The replies of the server come in the order of the messages. */
struct reply {
	enum reply_kind kind;
	const struct pg_step *step;
	char name[PG_NAME]; /* of the prepared statement, or "" */
};

struct run {
	struct pg *pg;
	struct arena *mem;
	struct reply replies[REPLIES];
	size_t n;
};

static void
expect(struct run *run, enum reply_kind kind, const struct pg_step *step,
    const char *name)
{
	if (run->n == REPLIES)
		BUG("a pipeline of more than %d replies", REPLIES);

	struct reply *reply = &run->replies[run->n++];

	*reply = (struct reply){ .kind = kind, .step = step };
	snprintf(reply->name, sizeof(reply->name), "%s", name);
}

/* Replaces {tenant} by the name of the schema, which the door validated. */
static const char *
bind_schema(struct arena *mem, const char *sql, const char *schema)
{
	static const char mark[] = "{tenant}";
	struct buf b;
	const char *at;

	if (!schema)
		return sql;
	buf_init(&b, mem);
	while ((at = strstr(sql, mark))) {
		buf_add(&b, sql, (size_t)(at - sql));
		buf_puts(&b, schema);
		sql = at + sizeof(mark) - 1;
	}
	buf_puts(&b, sql);
	return buf_text(&b, NULL);
}

static bool
send_command(struct run *run, const char *command)
{
	expect(run, REPLY_IGNORED, NULL, "");
	return PQsendQueryParams(run->pg->link, command, 0, NULL, NULL, NULL,
		   NULL, 1) == 1;
}

static bool
send_deallocate(struct run *run, const char *name)
{
	char command[PG_NAME + sizeof("DEALLOCATE ")];

	snprintf(command, sizeof(command), "DEALLOCATE %s", name);
	return send_command(run, command);
}

static bool
send_unnamed(struct run *run, const struct pg_step *s,
    const struct pg_wire *wire)
{
	const char *sql = bind_schema(run->mem, s->stmt->sql, s->schema);

	expect(run, REPLY_ROWS, s, "");
	return sql &&
	    PQsendQueryParams(run->pg->link, sql, (int)s->stmt->n_in,
		wire->types, wire->values, wire->lengths, wire->formats,
		1) == 1;
}

static bool
send_prepare(struct run *run, const struct pg_step *s,
    const struct pg_wire *wire, const struct pg_statement_name *name)
{
	const char *sql = bind_schema(run->mem, s->stmt->sql, s->schema);

	for (size_t i = 0; i < name->n_evicted; i++)
		if (!send_deallocate(run, name->evicted[i]))
			return false;
	expect(run, REPLY_PREPARED, s, name->name);
	return sql &&
	    PQsendPrepare(run->pg->link, name->name, sql, (int)s->stmt->n_in,
		wire->types) == 1;
}

static bool
send_named(struct run *run, const struct pg_step *s, const struct pg_wire *wire)
{
	struct pg_statement_name name;

	pg_prepared_find(run->pg->prepared, s->stmt, s->schema, &name);
	if (!name.name[0])
		return send_unnamed(run, s, wire);
	if (!name.known && !send_prepare(run, s, wire, &name))
		return false;
	expect(run, REPLY_ROWS, s, name.name);
	return PQsendQueryPrepared(run->pg->link, name.name, (int)s->stmt->n_in,
		   wire->values, wire->lengths, wire->formats, 1) == 1;
}

static bool
send_step(struct run *run, const struct pg_step *s)
{
	struct pg_wire wire;

	if (!s->stmt)
		return send_command(run, s->command);
	if (!pg_encode(run->mem, s->stmt, s->in, &wire))
		return false;
	return run->pg->opts.named ? send_named(run, s, &wire)
				   : send_unnamed(run, s, &wire);
}

static enum err
check_shape(struct pg *pg, const struct stmt *stmt, size_t n)
{
	bool fits = stmt->shape == STMT_MANY || n == 1 ||
	    (stmt->shape == STMT_MAYBE_ONE && n == 0);

	if (fits)
		return OK;
	snprintf(pg->trouble, sizeof(pg->trouble), "%s gave %zu rows",
	    stmt->name, n);
	return E_INTERNAL;
}

static void
clear_result(void *result)
{
	PQclear(result);
}

/* The arena releases the result, into which text columns point. */
static enum err
take_rows(struct run *run, const struct pg_step *s, PGresult *result)
{
	struct stmt_result ignored, *out = s->out ? s->out : &ignored;
	enum err e = OK;
	uint64_t affected = 0;

	*out = (struct stmt_result){ 0 };
	if (!arena_defer(run->mem, clear_result, result) ||
	    !arena_charge(run->mem, PQresultMemorySize(result)))
		return E_TOO_LARGE;
	if (PQresultStatus(result) == PGRES_TUPLES_OK && s->stmt->n_out)
		e = pg_decode(run->mem, s->stmt, result, out);
	if (e == OK && s->stmt->shape != STMT_NONE)
		e = check_shape(run->pg, s->stmt, out->n);
	if (str_to_u64(str_of(PQcmdTuples(result)), &affected))
		out->affected = (int64_t)affected;
	return e;
}

/*
 * A schema change made a plan invalid, or a pooler dropped a prepared
 * statement. The transaction was rolled back, so that it can be retried.
 */
static bool
is_plan_gone(const struct pg *pg)
{
	return strcmp(pg->sqlstate, "0A000") == 0 ||
	    strcmp(pg->sqlstate, "26000") == 0;
}

/* Handles one reply; the result is freed or given to the arena. */
static enum err
take_reply(struct run *run, const struct reply *reply, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);
	bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
	enum err e = OK;

	if (fine && reply->kind == REPLY_ROWS)
		return take_rows(run, reply->step, result);
	if (!fine && status != PGRES_PIPELINE_ABORTED)
		e = pg_blame(run->pg, result);
	if (!fine && (reply->kind == REPLY_PREPARED || is_plan_gone(run->pg)))
		pg_prepared_forget(run->pg->prepared, reply->name);
	PQclear(result);
	return e;
}

/*
 * Without the reply to Sync the transaction is not committed, even if rows came
 * before.
 */
static enum err
committed(struct pg *pg, PGresult *end, enum err first)
{
	enum err e;

	if (PQresultStatus(end) == PGRES_PIPELINE_SYNC) {
		PQclear(end);
		return first;
	}
	e = end ? pg_blame(pg, end) : E_UNAVAILABLE;
	PQclear(end);
	pg_hang_up(pg);
	return e;
}

/* Each reply is a result followed by NULL; the last is the Sync's, alone. */
static enum err
collect(struct run *run, int64_t deadline_ns)
{
	enum err first = OK;
	PGresult *result, *end;

	for (size_t i = 0; i < run->n; i++) {
		if (!pg_next(run->pg, deadline_ns, &result))
			return E_UNAVAILABLE;

		enum err e = take_reply(run, &run->replies[i], result);

		if (first == OK)
			first = e;
		if (!pg_next(run->pg, deadline_ns, &end))
			return E_UNAVAILABLE;
		if (end) {
			PQclear(end);
			return pg_lost(run->pg,
			    "the server sent too many results");
		}
	}
	if (!pg_next(run->pg, deadline_ns, &end))
		return E_UNAVAILABLE;
	return committed(run->pg, end, first);
}

static enum err
run_once(struct pg *pg, struct arena *mem, const struct pg_step *steps,
    size_t n, int64_t deadline_ns)
{
	struct run run = { .pg = pg, .mem = mem };
	enum err e = pg_ready(pg, deadline_ns);

	if (e != OK)
		return e;
	for (size_t i = 0; i < n; i++)
		if (!send_step(&run, &steps[i])) {
			/* The part in the queue must not be sent. */
			pg_hang_up(pg);
			return E_TOO_LARGE;
		}
	if (PQpipelineSync(pg->link) != 1)
		return pg_lost(pg, PQerrorMessage(pg->link));
	return collect(&run, deadline_ns);
}

static bool
has_commands(const struct pg_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!steps[i].stmt)
			return true;
	return false;
}

enum err
pg_run(struct pg *pg, struct arena *mem, const struct pg_step *steps, size_t n,
    int64_t deadline_ns)
{
	bool alone = !pg_in_transaction(pg) && !has_commands(steps, n);
	enum err e;

	/* Keep what failed a transaction until after its ROLLBACK. */
	if (!pg_is_aborted(pg))
		pg->sqlstate[0] = '\0';
	e = run_once(pg, mem, steps, n, deadline_ns);
	if (e == OK || !alone || !pg->ready || !is_plan_gone(pg))
		return e;
	pg_hang_up(pg);
	pg->sqlstate[0] = '\0';
	return run_once(pg, mem, steps, n, deadline_ns);
}

/* Many statements need a simple query, which pipeline mode does not allow. */
enum err
pg_script(struct pg *pg, const char *sql, int64_t deadline_ns)
{
	enum err e = pg_ready(pg, deadline_ns);
	bool was_in_transaction = pg_in_transaction(pg);
	PGresult *result;

	if (e != OK)
		return e;
	pg->sqlstate[0] = '\0';
	if (PQexitPipelineMode(pg->link) != 1 ||
	    PQsendQuery(pg->link, sql) != 1)
		return pg_lost(pg, PQerrorMessage(pg->link));
	for (;;) {
		if (!pg_next(pg, deadline_ns, &result))
			return E_UNAVAILABLE;
		if (!result)
			break;

		ExecStatusType status = PQresultStatus(result);

		if (e == OK && status == PGRES_FATAL_ERROR)
			e = pg_blame(pg, result);
		PQclear(result);
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
			return pg_lost(pg,
			    "a script may not COPY from or to"
			    " its client");
	}
	if (pg_in_transaction(pg) != was_in_transaction)
		return pg_lost(pg, "a script began or ended a transaction");
	if (PQenterPipelineMode(pg->link) != 1)
		return pg_lost(pg, PQerrorMessage(pg->link));
	return e;
}

static void differ(struct buf *, const char *format, ...) PRINTF_LIKE(2, 3);

static void
differ(struct buf *b, const char *format, ...)
{
	va_list args;

	if (b->n)
		buf_puts(b, "; ");
	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

static void
compare_type(struct buf *b, const char *what, const struct stmt_field *field,
    Oid oid)
{
	if (oid != pg_oid(field->type))
		differ(b, "%s %s is declared %s, on the server it is %s", what,
		    field->name, pg_type_name(pg_oid(field->type)),
		    pg_type_name(oid));
}

static const char *
compare(struct arena *mem, const struct stmt *stmt, const PGresult *described)
{
	size_t n_in = (size_t)PQnparams(described),
	       n_out = (size_t)PQnfields(described);
	struct buf b;

	buf_init(&b, mem);
	if (n_in != stmt->n_in)
		differ(&b, "%zu parameters are declared, the server sees %zu",
		    stmt->n_in, n_in);
	for (size_t i = 0; i < stmt->n_in && i < n_in; i++)
		compare_type(&b, "parameter", &stmt->in[i],
		    PQparamtype(described, (int)i));
	if (n_out != stmt->n_out)
		differ(&b, "%zu columns are declared, the server sends %zu",
		    stmt->n_out, n_out);
	for (size_t i = 0; i < stmt->n_out && i < n_out; i++) {
		const char *name = PQfname(described, (int)i);

		compare_type(&b, "column", &stmt->out[i],
		    PQftype(described, (int)i));
		if (strcmp(name, stmt->out[i].name) != 0)
			differ(&b, "column %s is sent as %s", stmt->out[i].name,
			    name);
	}
	if (b.n == 0)
		return NULL;
	buf_putc(&b, '\0');
	return b.p;
}

const char *
pg_check_stmt(struct pg *pg, struct arena *mem, const struct stmt *stmt,
    const char *schema, int64_t deadline_ns)
{
	const char *sql = bind_schema(mem, stmt->sql, schema);
	const char *problem = NULL;
	PGresult *result;
	bool sent;

	if (!sql || pg_ready(pg, deadline_ns) != OK)
		return "the database is not available";
	sent = PQsendPrepare(pg->link, "", sql, 0, NULL) == 1 &&
	    PQsendDescribePrepared(pg->link, "") == 1 &&
	    PQpipelineSync(pg->link) == 1;
	if (!sent) {
		pg_lost(pg, PQerrorMessage(pg->link));
		return pg->trouble;
	}
	/* Two results, each followed by NULL, and the Sync. */
	for (int i = 0; i < 5; i++) {
		if (!pg_next(pg, deadline_ns, &result))
			return pg->trouble;
		if (PQresultStatus(result) == PGRES_FATAL_ERROR && result) {
			pg_blame(pg, result);
			problem = pg->trouble;
		} else if (i == 2 && !problem) {
			problem = compare(mem, stmt, result);
		}
		PQclear(result);
	}
	return problem;
}
