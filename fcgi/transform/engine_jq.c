/*
 * The engine jq: each output of the program is a chunk, and the last one is the
 * result.
 */
#include "fcgi/transform/engines.h"
#include "fcgi/transform/events.h"
#include "fcgi/transform/jq.h"
#include "lib/jq/jqx.h"

struct engine_run {
	struct transform *t;
	struct item *s;
};

static enum err
check(struct transform *t)
{
	if (t->input.program.n > JQX_PROGRAM_MAX)
		return fail_field(t->req, E_BAD_REQUEST, "program",
		    "is longer than 65536 bytes");
	if (!jq_is_open())
		return fail(t->req, E_UNAVAILABLE,
		    "jq runs in the stream pool only");
	return OK;
}

static bool
send_output(void *to, struct str output)
{
	struct engine_run *x = to;
	struct buf *b = event_open(x->t, x->s->key);

	buf_printf(b, "\"index\":%zu,\"value\":", x->s->outputs++);
	buf_str(b, output);
	event_send(x->t, "chunk");
	x->t->value.n = 0;
	buf_str(&x->t->value, output);
	return !x->t->is_stopped;
}

static bool
wait_for_jq(void *to, struct pollfd with, int64_t deadline_ns)
{
	const struct engine_run *x = to;

	return events_wait(x->t, with, deadline_ns);
}

static enum err
run(struct transform *t, struct item *s)
{
	struct engine_run x = { t, s };
	struct jq_run jq = {
		.mem = t->mem,
		.program = t->input.program,
		.value = s->value,
		.take = send_output,
		.wait = wait_for_jq,
		.to = &x,
	};
	enum err e;

	s->warning = jq_warning(s->value);
	buf_puts(&t->value, "null");
	e = jq_run(&jq);
	if (t->is_stopped)
		return fail_stopped(t);
	if (e != OK)
		return fail_saying(t->req, e, jq.why);
	if (!t->input.save.v || s->outputs == 1)
		return OK;
	return fail_saying(t->req, E_BAD_REQUEST, jq_needs_one_output);
}

const struct engine engine_jq = { "jq", "program", check, run };
