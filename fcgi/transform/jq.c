/*
 * jq 1.6 computes in doubles: a number that a double cannot hold comes out
 * changed.
 */
#include "fcgi/transform/jq.h"

#include "fcgi/transform/options.h"
#include "lib/jq/jqx.h"
#include "lib/json/json.h"

const char jq_needs_one_output[] =
    "A result is saved only if the program has exactly one output.";

/* The runner of this process; NULL: no room of the process needs it. */
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

bool
jq_is_open(void)
{
	return jq != NULL;
}

const char *
jq_warning(struct str value)
{
	return json_fits_doubles(value)
	    ? NULL
	    : "The value contains a number with more digits than jq keeps.";
}

static enum err
fault(struct jq_run *run)
{
	const char *sentence = "";
	enum err e = jqx_fault(jq, &sentence);

	run->why = arena_copy(run->mem, sentence, strlen(sentence));
	if (!run->why)
		run->why = "The program failed.";
	return e;
}

static enum err
follow(struct jq_run *run)
{
	struct str output;
	bool goes_on = true;

	while (goes_on) {
		switch (jqx_next(jq, &output)) {
		case JQX_DONE:
			return OK;
		case JQX_FAILED:
			return fault(run);
		case JQX_OUTPUT:
			goes_on = run->take(run->to, output);
			break;
		case JQX_WAIT:
			goes_on =
			    run->wait(run->to, jqx_poll(jq), jqx_deadline(jq));
			break;
		}
	}
	run->why = "The program was stopped.";
	return E_UNAVAILABLE;
}

enum err
jq_run(struct jq_run *run)
{
	enum err e;

	if (!jq) {
		run->why = "jq is not available in this process.";
		return E_UNAVAILABLE;
	}
	jqx_begin(jq, run->program, run->value);
	e = follow(run);
	jqx_end(jq);
	return e;
}
