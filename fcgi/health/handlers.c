/*
 * The handlers of health.
 */
#include "fcgi/health/handlers.h"

#include "fcgi/health/health.h"
#include "fcgi/http/err_row.h"
#include "fcgi/http/resp.h"
#include "fcgi/http/sse.h"

enum err
health_get_health(struct req *r)
{
	struct buf *b = resp_body(r, 200);

	if (health_write(r->service, b) == HEALTH_DOWN) {
		r->answer.status = err_row(E_UNAVAILABLE)->status;
		resp_header(r, "Retry-After", "1");
	}
	return OK;
}

enum err
health_get_live(struct req *r)
{
	buf_puts(resp_body(r, 200), "{\"status\":\"ok\"}\n");
	return OK;
}

enum err
health_get_status(struct req *r)
{
	health_status_json(r->service, resp_body(r, 200));
	return OK;
}

enum err
health_get_metrics(struct req *r)
{
	health_metrics(r->service, resp_body(r, 200));
	r->answer.type = "text/plain; version=0.0.4; charset=utf-8";
	return OK;
}

/* The status once a second, until the reader has seen enough. */
enum err
health_stream_status(struct req *r)
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
