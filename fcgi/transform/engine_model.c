/*
 * The engine model: sends a prompt and a value to a language model that the
 * operator configures. Pieces of its answer are chunks. The result is the whole
 * answer as a string, or as a JSON value if the request asks for JSON.
 */
#include "fcgi/identity/principal.h"
#include "fcgi/kv/kv.h"
#include "fcgi/transform/engines.h"
#include "fcgi/transform/events.h"
#include "fcgi/transform/options.h"
#include "fcgi/transform/test_tokens.h"
#include "lib/net/chat.h"
#include "lib/os/clock.h"

/* Names the missing option, so that the client can tell the operator. */
static enum err
fail_missing(struct req *r, const char *sentence)
{
	(void)!fail_field(r, E_UNAVAILABLE, "engine", "is not configured");
	r->fault.sentence = sentence;
	return E_UNAVAILABLE;
}

static enum err
check_options(struct req *r)
{
	const struct transform_options *opts =
	    ROOM_OPTIONS(transform, r->service->conf);

	if (!opts->model_url[0])
		return fail_missing(r,
		    "No model is configured: IO7_MODEL_URL is not set.");
	if (!opts->models[0])
		return fail_missing(r,
		    "No model is configured: IO7_MODELS is not set.");
	return OK;
}

/* Without a model in the request, the first one of IO7_MODELS. */
static enum err
check(struct transform *t)
{
	struct req *r = t->req;
	struct str list = str_of(
		       ROOM_OPTIONS(transform, r->service->conf)->models),
		   name;
	struct test_tokens tokens;
	enum err e = check_options(r);

	if (e != OK)
		return e;
	while (str_split(&list, ',', &name)) {
		name = str_trim(name);
		if (!t->input.model.p)
			t->input.model = name;
		if (str_eq(t->input.model, name))
			return test_tokens_take(t, 0, &tokens);
	}
	return fail_field(r, E_BAD_REQUEST, "model",
	    "is not in the operator's list IO7_MODELS");
}

struct conversation {
	struct transform *t;
	struct item *s;
};

static bool
send_delta(void *to, struct str delta)
{
	const struct conversation *talk = to;
	struct buf *b = event_open(talk->t, talk->s->key);

	talk->s->outputs++;
	buf_puts(b, "\"delta\":");
	buf_json(b, delta);
	event_send(talk->t, "chunk");
	return !talk->t->is_stopped;
}

/* Also sends heartbeats while the model is silent. */
static bool
still_wanted(void *to)
{
	const struct conversation *talk = to;

	return events_still_wanted(talk->t);
}

static struct str
user_prompt(struct transform *t, const struct item *s)
{
	struct buf b;

	buf_init(&b, t->mem);
	buf_str(&b, t->input.prompt);
	buf_puts(&b, "\n\n");
	buf_str(&b, s->value);
	if (b.failed)
		return (struct str){ 0 };
	return buf_view(&b);
}

static struct str
system_prompt(const struct transform *t)
{
	return t->input.json.v
	    ? STR("You are given an instruction, and below it a JSON value. "
		  "Do what the instruction says with the value. Answer with "
		  "one JSON value and nothing else.")
	    : STR("You are given an instruction, and below it a JSON value. "
		  "Do what the instruction says with the value.");
}

/* Without this, a batch would go on calling the model for free. */
static enum err
stop_at_limit(struct transform *t, enum err e)
{
	if (e == E_QUOTA_EXCEEDED)
		t->is_stopped = true;
	return e;
}

/*
 * IO7_MODEL_CREDIT_TOKENS tokens cost a credit, also those of an answer that
 * the client did not wait for. If the remaining credits are too few, all of
 * them are charged. Test mode has an allowance instead.
 */
static enum err
charge(struct transform *t, const struct chat_answer *a,
    const struct test_tokens *taken)
{
	const uint64_t each =
	    ROOM_OPTIONS(transform, t->req->service->conf)->model_credit_tokens;
	uint64_t used = a->prompt_tokens + a->completion_tokens;
	uint64_t before = t->tokens.prompt + t->tokens.completion;
	uint64_t due = (before + used) / each - before / each;
	enum err e = test_tokens_settle(t, taken, used);

	t->tokens.prompt += a->prompt_tokens;
	t->tokens.completion += a->completion_tokens;
	t->tokens.is_estimate |= a->is_estimate;
	if (e != OK || due == 0 || transform_charge(t, (unsigned)due) == OK)
		return e;
	while (e == OK && due--)
		e = transform_charge(t, 1);
	return e;
}

/* Many models put JSON into a Markdown code block, whatever the prompt says. */
static struct str
without_code_block(struct str text)
{
	struct str first;

	text = str_trim(text);
	if (!str_starts(text, STR("```")) || text.n < 6 ||
	    memcmp(text.p + text.n - 3, "```", 3) != 0)
		return text;
	text.n -= 3;
	str_split(&text, '\n', &first);
	return str_trim(text);
}

static enum err
take_answer(struct transform *t, struct str text)
{
	struct req *r = t->req;
	const char *problem;

	if (!t->input.json.v) {
		buf_json(&t->value, text);
		return OK;
	}
	text = without_code_block(text);
	if (kv_check_value(t->mem, text, KV_DEPTH_MAX,
		r->service->opts->body_max, &problem) != OK)
		return fail_saying(r, E_BAD_GATEWAY,
		    "The model's answer is not a JSON value.");
	buf_str(&t->value, text);
	return OK;
}

static uint64_t
tokens_max(const struct transform *t)
{
	uint64_t most =
	    ROOM_OPTIONS(transform, t->req->service->conf)->model_tokens_max;

	if (t->input.max_tokens.is && (uint64_t)t->input.max_tokens.v < most)
		return (uint64_t)t->input.max_tokens.v;
	return most;
}

/* As the service would count the question, roughly. */
static uint64_t
estimate(const struct chat *question)
{
	return (question->system.n + question->user.n) / CHAT_TOKEN_BYTES;
}

static enum err
run(struct transform *t, struct item *s)
{
	const struct transform_options *opts =
	    ROOM_OPTIONS(transform, t->req->service->conf);
	struct conversation talk = { t, s };
	struct chat question = {
		.url = opts->model_url,
		.key = opts->model_key,
		.model = t->input.model,
		.system = system_prompt(t),
		.user = user_prompt(t, s),
		.tokens_max = tokens_max(t),
		.silence_ns = opts->model_silence,
		.deadline_ns = clock_mono_ns() + opts->model_timeout,
		.delta = send_delta,
		.go_on = still_wanted,
		.to = &talk,
	};
	struct chat_answer answer;
	struct test_tokens tokens;
	enum err e, charged;

	if (!question.user.p)
		return fail(t->req, E_TOO_LARGE, "no memory for a prompt");
	e = test_tokens_take(t, estimate(&question), &tokens);
	if (e != OK)
		return stop_at_limit(t, e);
	e = chat(t->mem, &question, &answer);
	charged = charge(t, &answer, &tokens);
	if (t->is_stopped)
		return fail_stopped(t);
	if (e != OK) {
		fail(t->req, e, "%s", answer.detail ? answer.detail : "");
		t->req->fault.sentence = answer.sentence;
		return e;
	}
	return charged == OK ? take_answer(t, answer.text)
			     : stop_at_limit(t, charged);
}

const struct engine engine_model = { "model", "prompt", check, run };
