/*
 * The events of a transform. Each is sent immediately. While nothing happens,
 * comments are sent: they keep the connection open, and a failed write shows
 * that the client is gone.
 */
#include "fcgi/transform/events.h"

#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "fcgi/options.h"
#include "lib/os/clock.h"

enum { PROGRESS_MS = 100 };

bool
events_were_read(struct req *r)
{
	if (!sse_was_read(r))
		return false;
	gate_refund(r);
	resp_empty(r, 204);
	return true;
}

static void
schedule_heartbeat(struct transform *t)
{
	t->heartbeat_ns =
	    clock_mono_ns() + t->req->service->opts->stream_heartbeat;
}

/* Stops the work, because no client reads the result. */
static void
note_client_gone(struct transform *t)
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

typedef bool send_function(struct req *, const char *event, uint64_t id,
    struct str data);

static void
close_and_send(struct transform *t, const char *name, send_function *send)
{
	struct buf *b = &t->text;

	if (b->n && b->p[b->n - 1] == ',')
		b->n--;
	buf_putc(b, '}');
	if (!t->is_stream || t->is_gone)
		return;
	if (b->failed || !send(t->req, name, ++t->event_id, buf_view(b)))
		note_client_gone(t);
	schedule_heartbeat(t);
}

void
event_send(struct transform *t, const char *name)
{
	close_and_send(t, name, sse_event);
}

void
events_begin(struct transform *t)
{
	struct buf *b = event_open(t, (struct str){ 0 });

	schedule_heartbeat(t);
	if (t->is_stream && !sse_begin(t->req))
		note_client_gone(t);
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
	close_and_send(t, "done", sse_last_event);
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
send_heartbeat(struct transform *t)
{
	schedule_heartbeat(t);
	if (t->is_stream && !sse_comment(t->req))
		note_client_gone(t);
}

bool
events_wait(struct transform *t, struct pollfd with, int64_t deadline_ns)
{
	while (!t->is_stopped) {
		bool is_heartbeat = t->heartbeat_ns < deadline_ns;

		switch (sse_wait_for(t->req, with,
		    is_heartbeat ? t->heartbeat_ns : deadline_ns)) {
		case SSE_READY:
			return true;
		case SSE_LATE:
			if (!is_heartbeat)
				return true;
			send_heartbeat(t);
			break;
		case SSE_CLIENT_GONE:
			note_client_gone(t);
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
