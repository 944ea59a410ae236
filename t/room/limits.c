/*
 * Routes to be limited: of the public, of more credits than their row says, and
 * a POST whose every answer is another one.
 */
#include "fcgi/room.h"

#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "fcgi/http/sse.h"
#include "lib/os/clock.h"

#include <time.h>

static enum err
number_of(struct req *r, const char *name, uint64_t *n)
{
	struct str text;
	enum err e = req_query(r, name, &text);

	*n = 0;
	if (e == OK && text.p && !str_to_u64(text, n))
		e = fail_field(r, E_BAD_REQUEST, name, "must be a number");
	return e;
}

static enum err
say_nothing(struct req *r)
{
	buf_puts(resp_body(r, 200), "{}\n");
	return OK;
}

/* Turns out to cost as many credits more as the query says: ?credits=N. */
static enum err
cost_more(struct req *r)
{
	uint64_t credits;
	enum err e = number_of(r, "credits", &credits);

	if (e == OK)
		e = gate_charge(r, (unsigned)credits);
	return e == OK ? say_nothing(r) : e;
}

static enum err
stream(struct req *r)
{
	if (sse_begin(r) && sse_event(r, "done", 1, STR("1\n2\r3\r\n4")))
		return OK;
	return fail(r, E_UNAVAILABLE, "the client has disconnected");
}

static enum err
new_order(struct req *r, uint64_t status)
{
	uint8_t random[8];
	char id[2 * sizeof(random) + 1] = "";

	if (!crypt_random(random, sizeof(random)))
		return fail(r, E_INTERNAL, "no random bytes");
	crypt_hex(random, sizeof(random), id);
	buf_printf(resp_body(r, (int)status), "{\"id\":\"%s\"}\n", id);
	resp_header(r, "Location", id);
	return OK;
}

/*
 * Takes ?ms=N, and answers as ?status=N says, 201 by default: with an id that
 * is new each time, or with the error of that status; 1 is a stream, 2 an
 * answer that is a secret.
 */
static enum err
order(struct req *r)
{
	uint64_t ms, status = 0;
	enum err e = number_of(r, "ms", &ms);
	struct timespec t;

	if (e == OK)
		e = number_of(r, "status", &status);
	if (e != OK)
		return e;
	t = (struct timespec){ (time_t)(ms / 1000),
		(long)(ms % 1000 * NS_PER_MS) };
	nanosleep(&t, NULL);
	if (status == 1)
		return stream(r);
	if (status >= 400)
		return fail(r, status >= 500 ? E_INTERNAL : E_NOT_FOUND,
		    "as it was asked to");
	r->answer.is_secret = status == 2;
	return new_order(r, status < 200 ? 201 : status);
}

static const struct route routes[] = {
	{ GET, "/t/public", NEED_IP_LIMIT, 0, 0, say_nothing,
	    .about = "for everybody" },
	{ POST, "/t/more", NEED_READ, 1, 0, cost_more, .about = "costs more",
	    .query = "credits" },
	{ POST, "/t/orders", NEED_WRITE, 1, ROUTE_BODY, order,
	    .about = "makes an order", .query = "ms status" },
};

const struct room limits_room = {
	.name = "limits",
	.routes = { ROWS(routes) },
};
