/*
 * A run goes through its requests, and through the steps of a batch, as far as
 * it can. Where it stopped is in struct hrana_run, so that the next call goes on
 * from there.
 *
 * A fault of a statement is one result among others. A fault of the protocol
 * ends the run, and closes its stream.
 */
#include "lib/lite/hrana_impl.h"

#include <sqlite3.h>

/* Statements between two questions whether the run is unwanted. */
enum { ASK_EVERY = 64 };

enum hrana_turn
hrana_die(struct hrana_run *r, int status, const char *message,
    const char *code)
{
	r->refusal = (struct hrana_refusal){ status, { message, code } };
	return TURN_DEAD;
}

static enum hrana_turn
protocol_fault(struct hrana_run *r, const char *message)
{
	return hrana_die(r, 400, message, "PROTOCOL_ERROR");
}

static enum hrana_turn
text_fault(struct hrana_run *r, int64_t id, const char *what)
{
	struct buf b;

	buf_init(&b, r->mem);
	buf_printf(&b, "SQL text %lld %s%c", (long long)id, what, 0);
	return protocol_fault(r, b.failed ? what : b.p);
}

enum hrana_turn
hrana_find_sql(struct hrana_run *r, const struct hrana_sql *sql, struct str *to)
{
	struct hrana_text *stored;

	if (sql->text.p && sql->has_id)
		return protocol_fault(r,
		    "Either `sql` or `sql_id` are required, but not both");
	if (!sql->text.p && !sql->has_id)
		return protocol_fault(r,
		    "Either `sql` or `sql_id` are required");
	*to = sql->text;
	if (sql->text.p)
		return TURN_NEXT;
	stored = hrana_text_find(r->stream, sql->id);
	if (!stored)
		return text_fault(r, sql->id, "not found");
	*to = (struct str){ stored->text, stored->n };
	return TURN_NEXT;
}

/* TURN_NEXT: the next statement may begin, and was counted. */
static enum hrana_turn
may_begin(struct hrana_run *r)
{
	const struct hrana_order *o = &r->order;

	if (r->is_denied)
		return hrana_die(r, 429,
		    "The request has used up all credits. Its statements "
		    "before the last commit have taken effect.",
		    "QUOTA_EXCEEDED");
	if (r->total.statements >= r->allowed)
		return TURN_CREDIT;
	if (r->total.statements % ASK_EVERY == ASK_EVERY - 1 &&
	    o->is_unwanted && o->is_unwanted(o->to))
		return hrana_die(r, 504, "The request took too long",
		    "TIMEOUT");
	r->total.statements++;
	return TURN_NEXT;
}

/* The lock is free, or it waits; a fault, if the log is full. */
static enum hrana_turn
before_write(struct hrana_run *r)
{
	if (!hrana_lock_is_turn(r) && hrana_lock_has_time(r)) {
		hrana_lock_wait(r);
		return TURN_LOCKED;
	}
	if (hrana_log_has_room(r->h, r->exec.lite))
		return TURN_NEXT;
	r->exec.fault = (struct hrana_fault){
		"SQLite error: the log is full, because a transaction still "
		"reads an older content",
		"SQLITE_FULL"
	};
	hrana_exec_end(&r->exec);
	return TURN_FAULTY;
}

static enum hrana_turn
step_statement(struct hrana_run *r, struct buf *out)
{
	struct hrana_exec *e = &r->exec;
	bool takes_lock = !e->began && !sqlite3_stmt_readonly(e->s->stmt) &&
	    sqlite3_txn_state(lite_db(e->lite), "main") != SQLITE_TXN_WRITE;
	enum hrana_turn turn = takes_lock ? before_write(r) : TURN_NEXT;
	enum hrana_progress progress;

	if (turn == TURN_NEXT) {
		progress = hrana_exec_step(e, out, r->h->bounds.statement_ns,
		    hrana_lock_has_time(r));
		if (progress == HRANA_BLOCKED) {
			hrana_lock_wait(r);
			return TURN_LOCKED;
		}
		if (progress == HRANA_FULL)
			return TURN_OUTPUT;
		turn = progress == HRANA_RAN ? TURN_NEXT : TURN_FAULTY;
		hrana_log_grew(r->h, e->lite);
		r->h->turns += takes_lock;
		r->total.rows_read += e->rows_read;
		r->total.rows_written += e->rows_written;
	}
	if (turn != TURN_LOCKED)
		hrana_lock_leave(r);
	return turn;
}

/* Runs a statement of an execute request or of a batch. */
enum hrana_turn
hrana_run_stmt(struct hrana_run *r, const struct hrana_stmt *stmt,
    struct buf *out)
{
	struct str sql;
	enum hrana_turn turn;

	if (!r->exec.s) {
		turn = hrana_find_sql(r, &stmt->sql, &sql);
		if (turn == TURN_NEXT)
			turn = may_begin(r);
		if (turn != TURN_NEXT)
			return turn;
		r->exec.mark = out->n;
		r->exec.step = r->step;
		r->exec.want_rows = stmt->want_rows;
		if (!hrana_exec_prepare(&r->exec, sql, stmt, out))
			return TURN_FAULTY;
	}
	return step_statement(r, out);
}

/* --- Other requests ------------------------------------------------------- */

static enum hrana_turn
run_sequence(struct hrana_run *r, struct buf *out)
{
	struct hrana_exec *e = &r->exec;

	while (e->s || lite_skip_blanks(r->rest).n) {
		enum hrana_turn turn = e->s ? TURN_NEXT : may_begin(r);

		if (turn != TURN_NEXT)
			return turn;
		e->form = HRANA_AS_NOTHING;
		e->mark = out->n;
		if (!e->s && !hrana_exec_prepare_first(e, r->rest, &r->length))
			return TURN_FAULTY;
		turn = step_statement(r, out);
		if (turn != TURN_NEXT)
			return turn;
		r->rest = (struct str){ r->rest.p + r->length,
			r->rest.n - r->length };
	}
	return TURN_NEXT;
}

static enum hrana_turn
run_describe(struct hrana_run *r, const struct hrana_sql *sql, struct buf *out)
{
	struct str text;
	enum hrana_turn turn = hrana_find_sql(r, sql, &text);

	if (turn == TURN_NEXT)
		turn = may_begin(r);
	if (turn != TURN_NEXT)
		return turn;
	return hrana_exec_describe(&r->exec, text, out) ? TURN_NEXT
							: TURN_FAULTY;
}

static enum hrana_turn
store_sql(struct hrana_run *r, const struct hrana_sql *sql)
{
	if (hrana_text_find(r->stream, sql->id))
		return text_fault(r, sql->id, "already exists");
	if (!hrana_text_store(r->stream, sql->id, sql->text))
		return protocol_fault(r, "The stored SQL texts are too large");
	return TURN_NEXT;
}

static const char *const names[] = { "close", "execute", "batch", "sequence",
	"describe", "store_sql", "close_sql", "get_autocommit" };

static enum hrana_turn
enter(struct hrana_run *r, const struct hrana_request *q, struct buf *out)
{
	if (!r->stream)
		return protocol_fault(r, "Stream for this baton was closed");
	if (r->at)
		buf_putc(out, ',');
	r->mark = out->n;
	buf_puts(out, "{\"type\":\"ok\",\"response\":{\"type\":\"");
	buf_puts(out, names[q->kind]);
	buf_putc(out, '"');
	r->exec.form = HRANA_AS_RESULT;
	switch (q->kind) {
	case HRANA_BATCH:
		buf_puts(out, ",\"result\":{\"step_results\":[");
		return hrana_enter_batch(r, &q->batch);
	case HRANA_EXECUTE:
	case HRANA_DESCRIBE:
		buf_puts(out, ",\"result\":");
		return TURN_NEXT;
	case HRANA_SEQUENCE:
		return hrana_find_sql(r, &q->sql, &r->rest);
	case HRANA_CLOSE:
	case HRANA_STORE_SQL:
	case HRANA_CLOSE_SQL:
	case HRANA_GET_AUTOCOMMIT:
		break;
	}
	return TURN_NEXT;
}

static enum hrana_turn
run_request(struct hrana_run *r, const struct hrana_request *q, struct buf *out)
{
	switch (q->kind) {
	case HRANA_EXECUTE:
		return hrana_run_stmt(r, &q->stmt, out);
	case HRANA_BATCH:
		return hrana_run_batch(r, &q->batch, out);
	case HRANA_SEQUENCE:
		return run_sequence(r, out);
	case HRANA_DESCRIBE:
		return run_describe(r, &q->sql, out);
	case HRANA_STORE_SQL:
		return store_sql(r, &q->sql);
	case HRANA_CLOSE_SQL:
		hrana_text_forget(r->stream, q->sql.id);
		return TURN_NEXT;
	case HRANA_GET_AUTOCOMMIT:
		buf_puts(out, ",\"is_autocommit\":");
		buf_puts(out,
		    sqlite3_get_autocommit(lite_db(r->stream->lite)) ? "true"
								     : "false");
		return TURN_NEXT;
	case HRANA_CLOSE:
		hrana_stream_close(r->h, r->stream);
		r->stream = NULL;
		return TURN_NEXT;
	}
	return TURN_NEXT;
}

/* --- The run -------------------------------------------------------------- */

static enum hrana_turn
begin(struct hrana_run *r, struct buf *out)
{
	enum hrana_turn turn;
	const char *why;

	if (!hrana_parse(r->mem, &r->order, &r->body, &why))
		return protocol_fault(r, why);
	r->stream = hrana_stream_take(r->h, r->mem, &r->order, r->body.baton,
	    &r->refusal);
	if (!r->stream)
		return TURN_DEAD;
	r->exec.lite = r->stream->lite;
	r->exec.mem = r->mem;
	r->exec.watch.is_unwanted = r->order.is_unwanted;
	r->exec.watch.to = r->order.to;
	if (r->order.kind == HRANA_PIPELINE) {
		r->has_begun = true;
		buf_puts(out, "{\"results\":[");
		r->exec.most = r->h->bounds.result;
		return TURN_NEXT;
	}
	r->exec.form = HRANA_AS_ENTRIES;
	turn = hrana_enter_batch(r, &r->body.requests[0].batch);
	if (turn == TURN_FAULTY)
		return hrana_die(r, 400, r->exec.fault.message,
		    r->exec.fault.code);
	if (turn != TURN_NEXT)
		return turn;
	r->has_begun = true;
	buf_puts(out, "{\"baton\":");
	if (!hrana_stream_baton(r->stream, out))
		return hrana_die(r, 500, "no random bytes", "INTERNAL");
	buf_puts(out, ",\"base_url\":null}\n");
	return TURN_NEXT;
}

static enum hrana_turn
run_requests(struct hrana_run *r, struct buf *out)
{
	for (; r->at < r->body.n; r->at++) {
		const struct hrana_request *q = &r->body.requests[r->at];
		enum hrana_turn turn = TURN_NEXT;

		if (!r->has_entered)
			turn = enter(r, q, out);
		r->has_entered = true;
		if (turn == TURN_NEXT)
			turn = run_request(r, q, out);
		if (turn == TURN_FAULTY) {
			out->n = r->mark;
			buf_puts(out, "{\"type\":\"error\",\"error\":");
			hrana_write_fault(out, &r->exec.fault);
			buf_putc(out, '}');
		} else if (turn != TURN_NEXT) {
			return turn;
		} else {
			buf_puts(out, "}}");
		}
		r->has_entered = false;
	}
	buf_puts(out, "],\"baton\":");
	if (!r->stream)
		buf_puts(out, "null");
	else if (!hrana_stream_baton(r->stream, out))
		return hrana_die(r, 500, "no random bytes", "INTERNAL");
	buf_puts(out, ",\"base_url\":null}");
	return out->failed
	    ? hrana_die(r, 413, "Response is too large", "RESPONSE_TOO_LARGE")
	    : TURN_NEXT;
}

static void
give_stream_back(struct hrana_run *r, bool keep)
{
	if (!r->stream)
		return;
	if (r->exec.s)
		hrana_exec_end(&r->exec);
	if (keep)
		hrana_stream_give(r->stream);
	else
		hrana_stream_close(r->h, r->stream);
	r->stream = NULL;
}

/* A cursor that has begun has its status already: it gets an entry. */
static void
end_dead(struct hrana_run *r, struct buf *out)
{
	bool is_entry = r->order.kind == HRANA_CURSOR && r->has_begun;

	out->failed = false;
	if (r->order.kind == HRANA_PIPELINE)
		out->n = 0;
	if (is_entry)
		buf_puts(out, "{\"type\":\"error\",\"error\":");
	else
		r->total.status = r->refusal.status;
	hrana_write_fault(out, &r->refusal.fault);
	if (is_entry)
		buf_puts(out, "}\n");
	give_stream_back(r, false);
}

struct hrana_run *
hrana_begin(struct hrana *h, struct arena *mem, const struct hrana_order *order)
{
	struct hrana_run *r = arena_alloc(mem, sizeof(*r));

	if (!r)
		return NULL;
	r->h = h;
	r->mem = mem;
	r->order = *order;
	r->total.status = 200;
	r->allowed = HRANA_CHARGE;
	buf_init(&r->text, mem);
	return r;
}

static enum hrana_turn
go_on(struct hrana_run *r, struct buf *out)
{
	enum hrana_turn turn = TURN_NEXT;

	/* One of the streams that hold a lock may be overdue. */
	if (r->has_begun)
		(void)hrana_sweep(r->h);
	else
		turn = begin(r, out);
	if (turn != TURN_NEXT)
		return turn;
	return r->order.kind == HRANA_CURSOR
	    ? hrana_run_steps(r, &r->body.requests[0].batch, out)
	    : run_requests(r, out);
}

/*
 * The output of a pipeline stays in the run until it is complete, because a
 * fault removes some of it.
 */
enum hrana_state
hrana_step(struct hrana_run *r, struct buf *out)
{
	struct buf *to = r->order.kind == HRANA_CURSOR ? out : &r->text;

	if (r->is_done)
		return HRANA_DONE;
	switch (go_on(r, to)) {
	case TURN_LOCKED:
		return HRANA_LOCKED;
	case TURN_OUTPUT:
		return HRANA_OUTPUT;
	case TURN_CREDIT:
		return HRANA_CREDIT;
	case TURN_DEAD:
		end_dead(r, to);
		break;
	case TURN_NEXT:
	case TURN_FAULTY:
		give_stream_back(r, true);
		break;
	}
	r->is_done = true;
	if (to != out)
		buf_str(out, buf_view(to));
	return HRANA_DONE;
}

void
hrana_allow(struct hrana_run *r, bool may)
{
	if (may)
		r->allowed += HRANA_CHARGE;
	else
		r->is_denied = true;
}

int64_t
hrana_due(const struct hrana_run *r)
{
	int64_t lock = r->lock_deadline;
	int64_t idle = hrana_sweep(r->h);

	return idle && idle < lock ? idle : lock;
}

const struct hrana_total *
hrana_total(const struct hrana_run *r)
{
	return &r->total;
}

void
hrana_end(struct hrana_run *r)
{
	hrana_lock_leave(r);
	give_stream_back(r, false);
}
