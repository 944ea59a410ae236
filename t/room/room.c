/*
 * The routes below /t. The tenant is the one whose user id stands, as 32 hex
 * digits, in the header Test-User; the mode is that of Io7-Mode.
 */
#include "fcgi/room.h"

#include "fcgi/db/door.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "stmts/kv.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

static enum err
echo(struct req *r)
{
	buf_str(resp_body(r, 200), r->body);
	r->answer.type = "application/octet-stream";
	return OK;
}

/* Reads a body piece by piece, and tells how long it was. */
static enum err
count_body(struct req *r)
{
	char piece[7000];
	size_t n, all = 0;

	do {
		enum err e = req_read_some(r, piece, sizeof(piece), &n);

		if (e != OK)
			return e;
		all += n;
	} while (n);
	buf_printf(resp_body(r, 200), "%zu", all);
	r->answer.type = "text/plain";
	return OK;
}

/* Admits the tenant that the header names, as the gate does for a key. */
static enum err
enter(struct req *r, struct tenant_tx **tx)
{
	struct tenant *tenant = arena_alloc(r->mem, sizeof(*tenant));
	struct str mode = req_param(r, "HTTP_IO7_MODE");

	if (!tenant ||
	    !crypt_unhex(req_param(r, "HTTP_TEST_USER"), tenant->user.b,
		sizeof(tenant->user.b)))
		return fail(r, E_UNAUTHORIZED, "no Test-User");
	tenant_name(tenant->user, tenant->schema);
	return tenant_begin(r, tenant,
	    str_eq(mode, STR("live")) ? MODE_LIVE : MODE_TEST, tx);
}

static enum err
get_value(struct req *r)
{
	struct tenant_tx *tx = NULL;
	struct kv_get_row *row;
	enum err e = enter(r, &tx);

	if (e != OK)
		return e;
	e = kv_get(tx, r->params[0], &row);
	if (e != OK)
		return fail(r, e, "%s", tenant_trouble(tx));
	if (!row)
		return fail(r, E_NOT_FOUND, NULL);
	buf_str(resp_body(r, 200), row->value);
	return OK;
}

static enum err
put_value(struct req *r)
{
	const struct array none = { 0 };
	struct opt_int64 no_ttl = { 0 };
	struct tenant_tx *tx = NULL;
	struct kv_put_row *row;
	enum err e = enter(r, &tx);

	if (e != OK)
		return e;
	e = kv_put(tx, r->params[0], r->body, no_ttl, none, none,
	    (struct opt_int64){ 0 }, INT64_MAX, INT64_MAX, &row);
	if (e != OK)
		return fail(r, e, "%s", tenant_trouble(tx));
	buf_printf(resp_body(r, row->created.v ? 201 : 200),
	    "{\"version\":%lld}\n", (long long)row->version.v);
	return OK;
}

/* Works for as many milliseconds as the query says: ?ms=N. */
static enum err
take_time(struct req *r)
{
	struct str text;
	uint64_t ms = 0;
	enum err e = req_query(r, "ms", &text);
	struct timespec t;

	if (e != OK)
		return e;
	if (!text.p || !str_to_u64(text, &ms))
		return fail_field(r, E_BAD_REQUEST, "ms", "must be a number");
	t = (struct timespec){ (time_t)(ms / 1000),
		(long)(ms % 1000 * NS_PER_MS) };
	nanosleep(&t, NULL);
	buf_printf(resp_body(r, 200), "{\"slept_ms\":%llu,\"pid\":%d}\n",
	    (unsigned long long)ms, (int)getpid());
	return OK;
}

/* Whom the gate let in, and as what. */
static enum err
tell_caller(struct req *r)
{
	const struct principal *c = r->principal;
	struct buf *b = resp_body(r, 200);

	buf_puts(b, "{\"user\":");
	buf_uuid(b, c->tenant.user);
	buf_printf(b, ",\"mode\":\"%s\",\"is_token\":%s}\n", mode_name(c->mode),
	    c->kind == CREDENTIAL_TOKEN ? "true" : "false");
	return OK;
}

static enum err
die_here(struct req *r)
{
	(void)r;
	raise(SIGKILL);
	return OK;
}

static enum err
do_little(struct req *r)
{
	buf_puts(resp_body(r, 200), "{}\n");
	return OK;
}

static enum err
fail_ourselves(struct req *r)
{
	return fail(r, E_INTERNAL, "as it was asked to");
}

static const struct route routes[] = {
	{ POST, "/t/echo", NEED_NOTHING, 0, ROUTE_BODY, echo,
	    .about = "the body of the request", .types = "*" },
	{ POST, "/t/count", NEED_NOTHING, 0, ROUTE_STREAM, count_body,
	    .about = "the length of the body of the request", .types = "*" },
	{ GET, "/t/value/:key", NEED_NOTHING, 0, 0, get_value,
	    .about = "a value through the door" },
	{ PUT, "/t/value/:key", NEED_NOTHING, 0, ROUTE_BODY, put_value,
	    .about = "stores one" },
	{ GET, "/t/time", NEED_NOTHING, 0, 0, take_time,
	    .about = "takes its time", .query = "ms" },
	{ GET, "/t/who", NEED_PERSON, 0, 0, tell_caller, .about = "who asks" },
	{ GET, "/t/death", NEED_NOTHING, 0, 0, die_here,
	    .about = "ends the worker" },
	{ GET, "/t/use", NEED_READ, 1, 0, do_little,
	    .about = "costs a credit" },
	{ PUT, "/t/use", NEED_WRITE, 5, ROUTE_BODY, do_little,
	    .about = "costs five credits" },
	{ GET, "/t/fault", NEED_READ, 1, 0, fail_ourselves,
	    .about = "fails, and that is our fault" },
};

/* Of a step of the signup. */
static void
tell(const char *event, struct uuid user)
{
	char id[UUID_TEXT];

	uuid_text(user, id);
	log_event(LOG_INFO, event, "%s", id);
}

static enum err
tell_step(struct signup *s)
{
	tell("test_step", s->user);
	return OK;
}

static enum err
tell_undoing(struct signup *s)
{
	tell("test_step_undone", s->user);
	return OK;
}

static const struct step steps[] = {
	{ "test-step", tell_step, tell_undoing },
};

const struct room test_room = {
	.name = "test",
	.routes = { ROWS(routes) },
	.steps = { ROWS(steps) },
};
