/*
 * Batches: steps with conditions. In the result of a pipeline, a step that was
 * skipped or that failed is null; a cursor writes entries.
 */
#include "lib/lite/hrana_impl.h"

#include <sqlite3.h>

static bool
holds(const struct hrana_run *r, const struct hrana_cond *c)
{
	const struct hrana_cond *at = c->first;

	switch (c->kind) {
	case HRANA_IF_OK:
		return r->results[c->step].outcome == HRANA_GOOD;
	case HRANA_IF_ERROR:
		/* As in sqld, also that of a step that was skipped. */
		return r->results[c->step].outcome != HRANA_GOOD;
	case HRANA_IF_NOT:
		return !holds(r, c->first);
	case HRANA_IF_ALL:
		while (at && holds(r, at))
			at = at->next;
		return !at;
	case HRANA_IF_ANY:
		while (at && !holds(r, at))
			at = at->next;
		return at;
	case HRANA_IF_AUTOCOMMIT:
		break;
	}
	return sqlite3_get_autocommit(lite_db(r->stream->lite));
}

enum hrana_turn
hrana_enter_batch(struct hrana_run *r, const struct hrana_batch *batch)
{
	r->step = 0;
	r->results = arena_alloc(r->mem, batch->n * sizeof(*r->results));
	if (!r->results)
		return hrana_die(r, 413, "The batch is too large", "TOO_LARGE");
	for (size_t i = 0; i < batch->n; i++) {
		const struct hrana_stmt *stmt = &batch->steps[i].stmt;
		struct str sql;
		enum hrana_turn turn = hrana_find_sql(r, &stmt->sql, &sql);

		if (turn != TURN_NEXT)
			return turn;
		if (!hrana_exec_check(&r->exec, sql, stmt))
			return TURN_FAULTY;
	}
	return TURN_NEXT;
}

static enum hrana_turn
run_step(struct hrana_run *r, const struct hrana_batch_step *step,
    struct buf *out)
{
	struct hrana_step_result *result = &r->results[r->step];
	bool is_entry = r->order.kind == HRANA_CURSOR;
	enum hrana_turn turn = TURN_NEXT;
	bool is_chosen =
	    r->exec.s || !step->condition || holds(r, step->condition);

	if (is_chosen) {
		turn = hrana_run_stmt(r, &step->stmt, out);
		if (turn != TURN_NEXT && turn != TURN_FAULTY)
			return turn;
		result->outcome = turn == TURN_NEXT ? HRANA_GOOD : HRANA_BAD;
		result->fault = r->exec.fault;
	}
	if (!is_entry && result->outcome != HRANA_GOOD)
		buf_puts(out, "null");
	if (is_entry && result->outcome == HRANA_BAD) {
		buf_printf(out,
		    "{\"type\":\"step_error\",\"step\":%zu,\"error\":",
		    r->step);
		hrana_write_fault(out, &result->fault);
		buf_puts(out, "}\n");
	}
	return TURN_NEXT;
}

enum hrana_turn
hrana_run_steps(struct hrana_run *r, const struct hrana_batch *batch,
    struct buf *out)
{
	bool is_entry = r->order.kind == HRANA_CURSOR;

	while (r->step < batch->n) {
		enum hrana_turn turn = run_step(r, &batch->steps[r->step], out);

		if (turn != TURN_NEXT)
			return turn;
		r->step++;
		if (!is_entry && r->step < batch->n)
			buf_putc(out, ',');
		if (is_entry && out->n > HRANA_ENTRIES)
			return TURN_OUTPUT;
	}
	return TURN_NEXT;
}

enum hrana_turn
hrana_run_batch(struct hrana_run *r, const struct hrana_batch *batch,
    struct buf *out)
{
	enum hrana_turn turn = hrana_run_steps(r, batch, out);

	if (turn != TURN_NEXT)
		return turn;
	buf_puts(out, "],\"step_errors\":[");
	for (size_t i = 0; i < batch->n; i++) {
		if (i)
			buf_putc(out, ',');
		if (r->results[i].outcome == HRANA_BAD)
			hrana_write_fault(out, &r->results[i].fault);
		else
			buf_puts(out, "null");
	}
	buf_puts(out, "],\"replication_index\":null}");
	return TURN_NEXT;
}
