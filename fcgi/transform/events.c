/*
 * The events of a transform. Each is made whole and goes out at once; while
 * nothing happens, a comment goes out, by which both sides learn whether the
 * other is still there.
 */
#include "fcgi/transform/events.h"

#include "fcgi/http/resp.h"
#include "lib/os/clock.h"

enum { PROGRESS_MS = 100 };

static void
set_beat(struct transform *t)
{
	t->beat_ns = clock_mono_ns() + t->req->service->opts->stream_heartbeat;
}

/* Who does not listen has nothing done for him either. */
static void
leave(struct transform *t)
{
	t->is_stopped = t->is_gone = true;
}

struct buf *
event_open(struct transform *t, struct str key)
{
	t->text.n = 0;
	buf_putc(&t->text, '{');
	if (key.p) {
		buf_puts(&t->text, "\"key\":");
		buf_json(&t->text, key);
		buf_putc(&t->text, ',');
	}
	return &t->text;
}

/* Every member is written with a comma behind it; the last one's is taken. */
void
event_send(struct transform *t, const char *name)
{
	struct buf *b = &t->text;

	if (b->n && b->p[b->n - 1] == ',')
		b->n--;
	buf_putc(b, '}');
	if (!t->is_stream || t->is_gone)
		return;
	if (b->failed || !sse_event(t->req, name, ++t->event_id, buf_view(b)))
		leave(t);
	set_beat(t);
}

void
events_begin(struct transform *t)
{
	struct buf *b = event_open(t, (struct str){ 0 });

	set_beat(t);
	if (t->is_stream && !sse_begin(t->req))
		leave(t);
	buf_printf(b, "\"engine\":\"%s\",\"total\":%zu,", t->engine->name,
	    t->total);
	event_send(t, "start");
}

static void
write_tokens(struct buf *b, const struct transform_tokens *tokens)
{
	if (tokens->prompt == 0)
		return;
	buf_printf(b,
	    "\"tokens\":{\"prompt\":%llu,\"completion\":%llu,"
	    "\"estimated\":%s},",
	    (unsigned long long)tokens->prompt,
	    (unsigned long long)tokens->completion,
	    tokens->is_estimate ? "true" : "false");
}

enum err
events_end(struct transform *t, enum err e)
{
	struct buf *b = event_open(t, (struct str){ 0 });

	buf_printf(b, "\"total\":%zu,\"done\":%zu,\"failed\":%zu,", t->total,
	    t->done, t->failed);
	buf_printf(b, "\"saved\":%zu,\"credits\":%llu,", t->saved,
	    (unsigned long long)t->credits);
	write_tokens(b, &t->tokens);
	event_send(t, "done");
	if (t->is_stream)
		return OK;
	if (e == OK)
		buf_str(resp_body(t->req, 200), buf_view(&t->last));
	return e;
}

void
events_progress(struct transform *t)
{
	struct buf *b;

	if (clock_mono_ns() < t->progress_ns && t->done < t->total)
		return;
	t->progress_ns = clock_mono_ns() + PROGRESS_MS * NS_PER_MS;
	b = event_open(t, (struct str){ 0 });
	buf_printf(b, "\"done\":%zu,\"total\":%zu,", t->done, t->total);
	event_send(t, "progress");
}

static void
beat(struct transform *t)
{
	set_beat(t);
	if (t->is_stream && !sse_comment(t->req))
		leave(t);
}

bool
events_wait(struct transform *t, struct pollfd with, int64_t deadline_ns)
{
	while (!t->is_stopped) {
		bool is_beat = t->beat_ns < deadline_ns;

		switch (sse_wait_for(t->req, with,
		    is_beat ? t->beat_ns : deadline_ns)) {
		case SSE_READY:
			return true;
		case SSE_LATE:
			if (!is_beat)
				return true;
			beat(t);
			break;
		case SSE_CLIENT_GONE:
			leave(t);
			break;
		case SSE_SHUTDOWN:
			t->is_stopped = true;
			break;
		}
	}
	return false;
}

bool
events_still_wanted(struct transform *t)
{
	return events_wait(t, (struct pollfd){ .fd = -1 }, clock_mono_ns());
}
