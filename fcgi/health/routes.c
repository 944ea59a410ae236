/*
 * What health answers, and the chore that keeps an eye on it.
 */
#include "fcgi/health/health.h"

#include "fcgi/http/resp.h"
#include "fcgi/http/sse.h"

static enum err
get_health(struct req *r)
{
	struct buf *b = resp_body(r, 200);

	if (health_write(r->service, b) == HEALTH_DOWN) {
		r->answer.status = err_row(E_UNAVAILABLE)->status;
		resp_header(r, "Retry-After", "1");
	}
	return OK;
}

static enum err
get_live(struct req *r)
{
	buf_puts(resp_body(r, 200), "{\"status\":\"ok\"}\n");
	return OK;
}

static enum err
get_status(struct req *r)
{
	health_status_json(r->service, resp_body(r, 200));
	return OK;
}

static enum err
get_metrics(struct req *r)
{
	health_metrics(r->service, resp_body(r, 200));
	r->answer.type = "text/plain; version=0.0.4; charset=utf-8";
	return OK;
}

/* The status once a second, until the reader has seen enough. */
static enum err
stream_status(struct req *r)
{
	struct buf b;
	bool there = sse_begin(r);

	buf_init(&b, r->mem);
	for (uint64_t id = 1; there; id++) {
		b.n = 0;
		health_status_json(r->service, &b);
		there = sse_event(r, "status", id, str_trim(buf_view(&b))) &&
		    sse_wait(r, NS_PER_S);
	}
	return OK;
}

static const struct route routes[] = {
	{ GET, "/health", NEED_NOTHING, 0, 0, get_health,
	    "whether io7 and what it needs are up" },
	{ GET, "/health/live", NEED_NOTHING, 0, 0, get_live,
	    "whether the process answers" },
	{ GET, "/status", NEED_OPERATOR, 0, 0, get_status,
	    "what every process is doing" },
	{ GET, "/status/stream", NEED_OPERATOR, 0, 0, stream_status,
	    "the same each second, as a stream" },
	{ GET, "/metrics", NEED_OPERATOR, 0, 0, get_metrics,
	    "counters for Prometheus" },
};

static const struct chore chores[] = {
	{ "health-watch", "logs when a database or Redis goes or comes back",
	    NS_PER_S, health_watch },
};

const struct room health_room = {
	.name = "health",
	.routes = routes,
	.n_routes = ARRAY_LEN(routes),
	.chores = chores,
	.n_chores = ARRAY_LEN(chores),
};
