/*
 * Server-sent events. Each event is flushed, so that it arrives when it
 * happens.
 */
#include "fcgi/http/sse.h"

#include "fcgi/http/resp.h"
#include "lib/os/clock.h"

#include <fcgiapp.h>
#include <signal.h>

/* Ends the id of the last event of a stream. */
#define LAST "end"

static bool
write_field(struct req *r, struct str name, struct str value)
{
	return resp_write(r, name) && resp_write(r, STR(": ")) &&
	    resp_write(r, value) && resp_write(r, STR("\n"));
}

bool
sse_begin(struct req *r)
{
	return resp_begin(r, "text/event-stream");
}

/* A field for each line. Clients take CR, LF and CR LF as the end of a line. */
static bool
write_data(struct req *r, struct str data)
{
	struct str text, line;

	while (str_split(&data, '\n', &text)) {
		if (text.n && text.p[text.n - 1] == '\r')
			text.n--;
		while (str_split(&text, '\r', &line))
			if (!write_field(r, STR("data"), line))
				return false;
	}
	return true;
}

static bool
send_event(struct req *r, const char *event, struct str id, struct str data)
{
	return write_field(r, STR("id"), id) &&
	    write_field(r, STR("event"), str_of(event)) &&
	    write_data(r, data) && resp_write(r, STR("\n")) && resp_flush(r);
}

bool
sse_event(struct req *r, const char *event, uint64_t id, struct str data)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)id);
	return send_event(r, event, str_of(text), data);
}

bool
sse_last_event(struct req *r, const char *event, uint64_t id, struct str data)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu-" LAST, (unsigned long long)id);
	return send_event(r, event, str_of(text), data);
}

bool
sse_was_read(const struct req *r)
{
	struct str id = req_param(r, "HTTP_LAST_EVENT_ID"), number;

	return str_split(&id, '-', &number) && str_eq(id, STR(LAST));
}

bool
sse_comment(struct req *r)
{
	return resp_write(r, STR(":\n\n")) && resp_flush(r);
}

/* Signals are unblocked here, as when a worker waits for requests. */
static enum sse_woke
wait_for(struct req *r, struct pollfd with, int64_t ns)
{
	struct pollfd p[] = {
		with,
		{ .fd = r->io->ipcFd, .events = POLLRDHUP },
		{ .fd = r->service->control, .events = POLLIN },
	};
	struct timespec t = { ns / NS_PER_S, ns % NS_PER_S };
	sigset_t open;
	int n;

	sigemptyset(&open);
	n = ppoll(p, ARRAY_LEN(p), &t, &open);
	if (r->service->is_ending() || (n > 0 && p[2].revents))
		return SSE_SHUTDOWN;
	if (n > 0 && p[1].revents)
		return SSE_CLIENT_GONE;
	return n > 0 ? SSE_READY : SSE_LATE;
}

bool
sse_wait(struct req *r, int64_t ns)
{
	return wait_for(r, (struct pollfd){ .fd = -1 }, ns) == SSE_LATE;
}

enum sse_woke
sse_wait_for(struct req *r, struct pollfd with, int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_mono_ns();

	return wait_for(r, with, left > 0 ? left : 0);
}
