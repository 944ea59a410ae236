/*
 * A route that sends a request to the URL of its query, as rooms do for
 * tenants, and tells its outcome.
 */
#include "fcgi/room.h"

#include "fcgi/http/resp.h"
#include "fcgi/outbound/outbound.h"
#include "lib/os/clock.h"

/* The query of the route, decoded. */
struct order {
	struct str url, method, type, id, secret, next, how;
	uint64_t keep, timeout_ms, stop_ms;
	int64_t stop_ns;
};

static enum err
read_number(struct req *r, const char *name, uint64_t initial, uint64_t *n)
{
	struct str text;
	enum err e = req_query(r, name, &text);

	*n = initial;
	if (e == OK && text.p && !str_to_u64(text, n))
		e = fail_field(r, E_BAD_REQUEST, name, "must be a number");
	return e;
}

static enum err
read_order(struct req *r, struct order *o)
{
	const struct {
		const char *name;
		struct str *to;
	} texts[] = {
		{ "url", &o->url },
		{ "method", &o->method },
		{ "type", &o->type },
		{ "id", &o->id },
		{ "secret", &o->secret },
		{ "next", &o->next },
		{ "how", &o->how },
	};
	enum err e = OK;

	for (size_t i = 0; e == OK && i < ARRAY_LEN(texts); i++)
		e = req_query(r, texts[i].name, texts[i].to);
	if (e == OK)
		e = read_number(r, "keep", 1024, &o->keep);
	if (e == OK)
		e = read_number(r, "timeout_ms", 20000, &o->timeout_ms);
	if (e == OK)
		e = read_number(r, "stop_ms", 0, &o->stop_ms);
	return e;
}

static bool
go_on(void *to)
{
	const struct order *o = to;

	return clock_mono_ns() < o->stop_ns;
}

static void
write_answer(const struct outbound_answer *a, struct buf *b)
{
	buf_printf(b, "{\"outcome\":\"%s\",\"status\":%d,\"bytes\":%zu",
	    fetch_outcome_name(a->outcome), a->status, a->body.n);
	buf_printf(b, ",\"is_cut\":%d,\"is_success\":%d,\"may_retry\":%d",
	    a->is_cut, outbound_is_success(a), outbound_may_retry(a));
	buf_printf(b, ",\"retry_after_s\":%lld,\"duration_ms\":%lld",
	    (long long)a->retry_after_s,
	    (long long)(a->duration_ns / NS_PER_MS));
	buf_puts(b, ",\"type\":");
	buf_json(b, str_of(a->type));
	buf_puts(b, ",\"sentence\":");
	buf_json(b, str_of(a->sentence));
	buf_puts(b, ",\"detail\":");
	buf_json(b, str_of(a->detail));
	buf_puts(b, ",\"body\":");
	buf_json(b, a->body);
	buf_puts(b, "}\n");
}

static bool
has(const struct order *o, const char *word)
{
	struct str rest = o->how, one;

	while (str_split(&rest, ' ', &one))
		if (str_eq(one, str_of(word)))
			return true;
	return false;
}

static enum err
send_request(struct req *r)
{
	struct order o = { 0 };
	struct webhook_signer signer;
	struct outbound_request q;
	struct outbound_answer a;
	enum err e = read_order(r, &o);

	if (e != OK)
		return e;
	signer = (struct webhook_signer){ o.id, o.secret, o.next };
	o.stop_ns = clock_mono_ns() + (int64_t)o.stop_ms * NS_PER_MS;
	q = (struct outbound_request){
		.method = o.method.p ? o.method : STR("GET"),
		.url = o.url,
		.body = r->body.n ? r->body : (struct str){ 0 },
		.type =
		    o.type.p ? arena_copy(r->mem, o.type.p, o.type.n) : NULL,
		.timeout_ns = (int64_t)o.timeout_ms * NS_PER_MS,
		.keep = o.keep,
		.must_be_whole = has(&o, "whole"),
		.follows = has(&o, "follow"),
		.signer = o.secret.p ? &signer : NULL,
		.go_on = o.stop_ms ? go_on : NULL,
		.to = &o,
	};
	outbound_send(r->service, r->mem, &q, &a);
	write_answer(&a, resp_body(r, 200));
	return OK;
}

static const struct route routes[] = {
	{ POST, "/t/send", NEED_NOTHING, 0, ROUTE_BODY, send_request,
	    .about = "sends a request to a URL", .types = "*",
	    .query = "url method type id secret next how keep timeout_ms"
		     " stop_ms" },
};

const struct room send_room = {
	.name = "send",
	.routes = { ROWS(routes) },
};
