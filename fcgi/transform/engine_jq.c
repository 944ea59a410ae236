/*
 * The engine jq: runs a program on a value. Each output is a chunk, and the
 * last one is the result. jq 1.6 computes in doubles: a number that a double
 * cannot hold comes out changed, and the result carries a warning.
 */
#include "fcgi/transform/engines.h"
#include "fcgi/transform/events.h"
#include "fcgi/transform/options.h"
#include "lib/jq/jqx.h"
#include "lib/json/json.h"

/* The runner of this process; NULL: it serves another pool. */
static struct jqx *jq;

static void
open_jq(const struct conf *conf)
{
	const struct transform_options *o = ROOM_OPTIONS(transform, conf);

	jq = jqx_new(jqx_spawner(),
	    &(struct jqx_options){
		.wall_ns = o->jq_timeout,
		.memory = o->jq_memory,
		.output = o->jq_output,
		.programs = (size_t)o->jq_programs,
	    });
}

static void
close_jq(void)
{
	jqx_free(jq);
	jq = NULL;
}

static const char *
lost_jq(void)
{
	return jqx_is_orphaned(jq) ? "jq's spawner has exited; requests served"
				   : NULL;
}

static int
watch_jq(void)
{
	return jqx_spawner_socket(jq);
}

const struct room_process transform_process = { open_jq, close_jq, lost_jq,
	watch_jq };

static enum err
check(struct transform *t)
{
	if (t->input.program.n > JQX_PROGRAM_MAX)
		return fail_field(t->req, E_BAD_REQUEST, "program",
		    "is longer than 65536 bytes");
	if (!jq)
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
fail_run(struct transform *t)
{
	const char *sentence = "", *copy;
	enum err e = jqx_fault(jq, &sentence);

	copy = arena_copy(t->mem, sentence, strlen(sentence));
	return fail_saying(t->req, e, copy ? copy : "The program failed.");
}

static enum err
follow(struct transform *t, struct item *s)
{
	struct str output;

	for (;;) {
		switch (jqx_next(jq, &output)) {
		case JQX_DONE:
			return OK;
		case JQX_FAILED:
			return fail_run(t);
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
	enum err e;

	if (!json_fits_doubles(s->value))
		s->warning = "The value contains a number with more digits "
			     "than jq keeps.";
	buf_puts(&t->value, "null");
	jqx_begin(jq, t->input.program, s->value);
	e = follow(t, s);
	jqx_end(jq);
	if (e != OK || !t->input.save.v || s->outputs == 1)
		return e;
	return fail_saying(t->req, E_BAD_REQUEST,
	    "A result is saved only if the program has exactly one output.");
}

const struct engine engine_jq = { "jq", "program", check, run };
