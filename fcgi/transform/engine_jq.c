/*
 * The engine jq: runs a program on a value. Each output is a chunk, and the last
 * one is the result. jq 1.6 computes in doubles: a number that a double cannot
 * hold comes out changed, and the result carries a warning.
 */
#include "fcgi/transform/engines.h"
#include "fcgi/transform/events.h"
#include "lib/jq/jqx.h"
#include "lib/json/json.h"

static enum err
check(struct transform *t)
{
	if (t->input.program.n > JQX_PROGRAM_MAX)
		return fail_field(t->req, E_BAD_REQUEST, "program",
		    "is longer than 65536 bytes");
	if (!t->req->service->jq)
		return fail(t->req, E_UNAVAILABLE,
		    "jq runs in the stream pool only");
	return OK;
}

static void
send_output(struct transform *t, struct item *s, struct str output)
{
	struct buf *b = event_open(t, s->key);

	buf_printf(b, "\"index\":%zu,\"value\":", s->outputs++);
	buf_str(b, output);
	event_send(t, "chunk");
	t->value.n = 0;
	buf_str(&t->value, output);
}

static enum err
fail_run(struct transform *t, const struct jqx *jq)
{
	const char *sentence = "", *copy;
	enum err e = jqx_fault(jq, &sentence);

	copy = arena_copy(t->mem, sentence, strlen(sentence));
	return fail_saying(t->req, e, copy ? copy : "The program failed.");
}

static enum err
follow(struct transform *t, struct item *s, struct jqx *jq)
{
	struct str output;

	for (;;) {
		switch (jqx_next(jq, &output)) {
		case JQX_DONE:
			return OK;
		case JQX_FAILED:
			return fail_run(t, jq);
		case JQX_OUTPUT:
			send_output(t, s, output);
			break;
		case JQX_WAIT:
			(void)!events_wait(t, jqx_poll(jq), jqx_deadline(jq));
			break;
		}
		if (t->is_stopped)
			return fail_stopped(t);
	}
}

static enum err
run(struct transform *t, struct item *s)
{
	struct jqx *jq = t->req->service->jq;
	enum err e;

	if (!json_fits_doubles(s->value))
		s->warning = "The value contains a number with more digits "
			     "than jq keeps.";
	buf_puts(&t->value, "null");
	jqx_begin(jq, t->input.program, s->value);
	e = follow(t, s, jq);
	jqx_end(jq);
	if (e != OK || !t->input.save.v || s->outputs == 1)
		return e;
	return fail_saying(t->req, E_BAD_REQUEST,
	    "A result is saved only if the program has exactly one output.");
}

const struct engine engine_jq = { "jq", "program", check, run };
