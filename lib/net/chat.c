/*
 * An answer is a stream of JSON events, which ends with "[DONE]". The service's
 * error texts are never passed on: they may contain the operator's secrets.
 */
#include "lib/net/chat.h"

#include "lib/json/json.h"
#include "lib/net/chat_events.h"
#include "lib/net/fetch.h"
#include "lib/os/clock.h"

enum {
	EVENT_MEMORY = 4 * 1024 * 1024,
	/* Stops a service that ignores max_tokens. */
	TOKENS_SLACK = 64,
};

struct stream {
	const struct chat *chat;
	struct chat_answer *answer;
	struct chat_events events;
	struct arena *scratch; /* for one event */
	struct buf text;
	int64_t heard_ns;
	size_t n_events;
	bool has_begun, has_ended, is_counted;
	bool is_stopped, is_silent;
	const char *fault; /* of the service, public */
};

static uint64_t
estimate(size_t bytes)
{
	return (bytes + CHAT_TOKEN_BYTES - 1) / CHAT_TOKEN_BYTES;
}

static void
take_usage(struct stream *s, const struct json *usage)
{
	int64_t prompt, completion;

	if (!json_int(json_get(usage, "prompt_tokens"), &prompt) ||
	    !json_int(json_get(usage, "completion_tokens"), &completion) ||
	    prompt < 0 || completion < 0)
		return;
	s->answer->prompt_tokens = (uint64_t)prompt;
	s->answer->completion_tokens = (uint64_t)completion;
	s->is_counted = true;
}

static bool
is_too_long(const struct stream *s)
{
	return estimate(s->text.n) > 2 * s->chat->tokens_max + TOKENS_SLACK;
}

static bool
take_delta(struct stream *s, struct str delta)
{
	if (delta.n == 0)
		return true;
	buf_str(&s->text, delta);
	if (is_too_long(s)) {
		s->fault = "The model's answer is longer than allowed.";
		return false;
	}
	s->is_stopped = !s->chat->delta(s->chat->to, delta);
	return !s->is_stopped;
}

static bool
take_event(struct stream *s, struct str data)
{
	const struct json *root, *choice;
	struct json_fault fault;

	s->n_events++;
	if (str_eq(data, STR("[DONE]"))) {
		s->has_ended = true;
		return true;
	}
	arena_reset(s->scratch);
	if (json_parse(s->scratch, data, &root, &fault) != OK ||
	    !json_is(root, JSON_OBJECT)) {
		s->fault = "The model service sent an invalid answer.";
		return false;
	}
	if (json_is(json_get(root, "error"), JSON_OBJECT)) {
		s->fault = "The model service broke off with an error.";
		return false;
	}
	take_usage(s, json_get(root, "usage"));
	choice = json_first(json_get(root, "choices"));
	if (json_is(json_get(choice, "finish_reason"), JSON_TEXT))
		s->has_ended = true;
	return take_delta(s,
	    json_text(json_get(json_get(choice, "delta"), "content")));
}

static bool
take_piece(void *into, struct str bytes)
{
	struct stream *s = into;
	struct str data;

	s->heard_ns = clock_mono_ns();
	s->has_begun = true;
	while (chat_events_next(&s->events, &bytes, &data))
		if (!take_event(s, data))
			return false;
	if (s->events.is_too_long)
		s->fault = "The model service sent an invalid answer.";
	return !s->fault;
}

static bool
go_on(void *into)
{
	struct stream *s = into;

	s->is_silent = clock_mono_ns() - s->heard_ns > s->chat->silence_ns;
	if (s->is_silent)
		return false;
	s->is_stopped = !s->chat->go_on(s->chat->to);
	return !s->is_stopped;
}

static void
write_message(struct buf *b, const char *role, struct str text)
{
	buf_printf(b, "{\"role\":\"%s\",\"content\":", role);
	buf_json(b, text);
	buf_putc(b, '}');
}

static struct str
write_question(struct arena *mem, const struct chat *c)
{
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, "{\"model\":");
	buf_json(&b, c->model);
	buf_puts(&b, ",\"messages\":[");
	write_message(&b, "system", c->system);
	buf_putc(&b, ',');
	write_message(&b, "user", c->user);
	buf_printf(&b,
	    "],\"max_tokens\":%llu,\"stream\":true,"
	    "\"stream_options\":{\"include_usage\":true}}",
	    (unsigned long long)c->tokens_max);
	if (b.failed)
		return (struct str){ 0 };
	return buf_view(&b);
}

/* Two texts as one, terminated; NULL without memory. */
static const char *
join(struct arena *mem, const char *a, const char *b)
{
	struct buf text;

	buf_init(&text, mem);
	buf_puts(&text, a);
	buf_puts(&text, b);
	return buf_text(&text, NULL);
}

static enum err
say(struct chat_answer *a, enum err e, const char *sentence)
{
	a->sentence = sentence;
	return e;
}

static enum err
status_error(struct chat_answer *a, int status)
{
	if (status == 401 || status == 403)
		return say(a, E_BAD_GATEWAY,
		    "The model service rejects the operator's key.");
	if (status == 429)
		return say(a, E_UNAVAILABLE,
		    "The model service is too busy; try again later.");
	if (status >= 500)
		return say(a, E_BAD_GATEWAY, "The model service failed.");
	return say(a, E_BAD_GATEWAY, "The model service refused the request.");
}

static enum err
result_of(const struct stream *s, enum err e, const struct fetch_answer *f)
{
	struct chat_answer *a = s->answer;

	if (s->is_stopped)
		return say(a, E_UNAVAILABLE, "The answer was stopped.");
	if (s->is_silent || e == E_TIMEOUT)
		return say(a, E_TIMEOUT,
		    "The model service did not answer in time.");
	if (s->fault)
		return say(a, E_BAD_GATEWAY, s->fault);
	if (e == OK && f->status != 200)
		return status_error(a, f->status);
	if (s->text.failed || e == E_TOO_LARGE)
		return say(a, E_TOO_LARGE, "The model's answer is too large.");
	if (s->has_ended)
		return OK;
	if (!s->has_begun && e != OK)
		return say(a, E_BAD_GATEWAY,
		    "The model service cannot be reached.");
	return say(a, E_BAD_GATEWAY,
	    s->n_events || e != OK
		? "The model service broke off in the middle of its answer."
		: "The model service sent an invalid answer.");
}

static void
count(const struct stream *s)
{
	const struct chat *c = s->chat;
	struct chat_answer *a = s->answer;

	a->is_estimate = !s->is_counted;
	if (s->is_counted)
		return;
	a->prompt_tokens = estimate(c->system.n + c->user.n);
	a->completion_tokens = estimate(s->text.n);
}

static enum err
ask(struct arena *mem, struct stream *s)
{
	const struct chat *c = s->chat;
	bool has_key = c->key && c->key[0];
	struct fetch_answer answer;
	struct fetch f = {
		.url = join(mem, c->url, "/chat/completions"),
		.headers = { "Content-Type: application/json",
		    "Accept: text/event-stream",
		    has_key ? join(mem, "Authorization: Bearer ", c->key)
			    : NULL },
		.body = write_question(mem, c),
		.deadline_ns = c->deadline_ns,
		.max = CHAT_STREAM_MAX,
		.piece = take_piece,
		.go_on = go_on,
		.to = s,
	};
	struct str rest;
	enum err e;

	if (!f.url || !f.body.p || (has_key && !f.headers[2]))
		return say(s->answer, E_TOO_LARGE,
		    "The question is too large.");
	e = fetch(mem, &f, &answer);
	s->answer->detail = answer.trouble;
	if (!s->fault && chat_events_rest(&s->events, &rest))
		(void)!take_event(s, rest);
	return result_of(s, e, &answer);
}

enum err
chat(struct arena *mem, const struct chat *c, struct chat_answer *answer)
{
	struct stream s = {
		.chat = c,
		.answer = answer,
		.heard_ns = clock_mono_ns(),
	};
	enum err e;

	*answer = (struct chat_answer){ 0 };
	s.scratch = arena_new(EVENT_MEMORY);
	if (!s.scratch)
		return say(answer, E_UNAVAILABLE,
		    "There is no memory to read the model's answer.");
	buf_init(&s.text, mem);
	chat_events_init(&s.events, mem, CHAT_LINE_MAX);
	e = ask(mem, &s);
	arena_free(s.scratch);
	answer->text = buf_view(&s.text);
	count(&s);
	return e;
}
