/*
 * Repeated requests. A claim is a row: the worker that inserts it carries out
 * the request and then stores the answer in the same row. The two statements
 * are run only for requests with an Idempotency-Key.
 */
#include "fcgi/gate/idempotency.h"

#include "fcgi/gate/gate.h"
#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "fcgi/options.h"
#include "fcgi/pools.h"
#include "lib/os/log.h"
#include "stmts/gate.h"

enum {
	/*
	 * A claim without an answer is taken over this long after the time
	 * limit of its request: its worker must be dead.
	 */
	TRANSFORM_GRACE_S = 3600,
	GRACE_S = 5,
	SWEEP = 1000,
	SWEEPS = 20,
};

struct claim {
	struct str key;
	struct uuid id;
};

static bool
is_key(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '!' || s.p[i] > '~')
			return false;
	return s.n >= 1 && s.n <= IDEMPOTENCY_KEY_MAX;
}

/*
 * Only the length of a streamed body is known here. The scopes are included
 * because a credential with fewer scopes must not see the stored answer.
 */
static enum err
fingerprint(struct req *r, uint8_t digest[CRYPT_SHA256])
{
	struct buf b;

	buf_init(&b, r->mem);
	buf_str(&b, r->method_name);
	buf_putc(&b, ' ');
	buf_str(&b, r->path);
	buf_putc(&b, '?');
	buf_str(&b, r->query);
	buf_printf(&b, "\n%u %llu\n", r->principal->scopes,
	    (unsigned long long)r->content_length);
	buf_str(&b, r->body);
	if (b.failed)
		return fail(r, E_TOO_LARGE, "no memory");
	return crypt_sha256(buf_view(&b), digest)
	    ? OK
	    : fail(r, E_INTERNAL, "no digest");
}

static int64_t
takeover_s(const struct req *r)
{
	const struct options *opts = r->service->opts;

	if (r->service->pool->patient)
		return opts->transform_timeout / NS_PER_S + TRANSFORM_GRACE_S;
	return opts->request_timeout / NS_PER_S + GRACE_S;
}

static struct str
mode_text(const struct req *r)
{
	return str_of(mode_name(r->principal->mode));
}

static enum err
claim(struct req *r, const struct claim *c, struct answer_claim_row **row)
{
	uint8_t digest[CRYPT_SHA256];
	struct db_tx *tx = db_begin(r, MODE_LIVE);
	enum err e = fingerprint(r, digest);

	if (e != OK)
		return e;
	return db_result(r, tx,
	    answer_claim(tx, r->principal->tenant.user, mode_text(r), c->key,
		(struct str){ (const char *)digest, sizeof(digest) }, c->id,
		takeover_s(r), IDEMPOTENCY_KEPT_S, row));
}

static enum err
replay(struct req *r, const struct answer_claim_row *row)
{
	buf_str(resp_body(r, row->status.v), row->body);
	r->answer.type =
	    arena_copy(r->mem, row->content_type.p, row->content_type.n);
	if (!r->answer.type)
		return fail(r, E_TOO_LARGE, "no memory");
	buf_init(&r->answer.head, r->mem);
	buf_str(&r->answer.head, row->headers);
	resp_header(r, "Idempotent-Replayed", "true");
	return OK;
}

static enum err
conflict_running(struct req *r)
{
	fail_saying(r, E_CONFLICT,
	    "A request with this Idempotency-Key is still running.");
	r->fault.retry_after_s = 1;
	return E_CONFLICT;
}

static enum err
repeat_answer(struct req *r, const struct answer_claim_row *row)
{
	if (!row)
		return conflict_running(r);
	if (!row->is_same)
		return fail_saying(r, E_CONFLICT,
		    "This Idempotency-Key was used for another request.");
	if (str_eq(row->state, STR("running")))
		return conflict_running(r);
	if (str_eq(row->state, STR("unkept")))
		return fail_saying(r, E_CONFLICT,
		    "This request was answered before, but its answer was not stored.");
	return replay(r, row);
}

enum err
idempotency_enter(struct req *r)
{
	struct str key = req_param(r, "HTTP_IDEMPOTENCY_KEY");
	struct answer_claim_row *row = NULL;
	struct claim *c;
	enum err e;

	if (r->method != POST || !r->principal || !key.p)
		return OK;
	if (!is_key(key))
		return fail_field(r, E_BAD_REQUEST, "Idempotency-Key",
		    "must be 1 to 255 visible ASCII characters");
	c = arena_alloc(r->mem, sizeof(*c));
	if (!c || !crypt_random(c->id.b, sizeof(c->id.b)))
		return fail(r, E_INTERNAL, "no claim");
	c->key = key;
	e = claim(r, c, &row);
	if (e != OK)
		return e;
	if (!row || !row->is_ours)
		return repeat_answer(r, row);
	r->gate->claim = c;
	return OK;
}

static bool
may_store(const struct req *r)
{
	const struct req_answer *a = &r->answer;

	return !a->sent && !a->is_secret &&
	    a->body.n <= IDEMPOTENCY_ANSWER_MAX &&
	    r->route->body_max != ROUTE_STREAM;
}

/* Keeps an empty text distinct from NULL. */
static struct str
stored_text(const struct buf *b)
{
	return b->n ? buf_view(b) : STR("");
}

static enum err
store(struct db_tx *tx, const struct req *r, int status)
{
	const struct claim *c = r->gate->claim;
	const struct req_answer *a = &r->answer;
	struct uuid user = r->principal->tenant.user;

	if (!may_store(r))
		return answer_keep(tx, user, mode_text(r), c->key, c->id,
		    (struct opt_int32){ 0 }, (struct str){ 0 },
		    (struct str){ 0 }, (struct str){ 0 },
		    IDEMPOTENCY_ANSWERS_MAX, NULL);
	return answer_keep(tx, user, mode_text(r), c->key, c->id,
	    (struct opt_int32){ true, status }, str_of(a->type),
	    stored_text(&a->head), stored_text(&a->body),
	    IDEMPOTENCY_ANSWERS_MAX, NULL);
}

/* After these errors the client should retry with the same key. */
static bool
is_retryable(const struct req *r, int status)
{
	return status >= 500 || r->fault.err == E_RATE_LIMITED ||
	    r->fault.err == E_QUOTA_EXCEEDED;
}

/* An answer that cannot be stored is sent anyway: the work is done. */
void
idempotency_leave(struct req *r, int status)
{
	const struct claim *c = r->gate->claim;
	struct db_tx *tx;
	enum err e;

	if (!c)
		return;
	tx = db_begin(r, MODE_LIVE);
	if (is_retryable(r, status))
		e = answer_release(tx, r->principal->tenant.user, mode_text(r),
		    c->key, c->id, NULL);
	else
		e = store(tx, r, status);
	if (e != OK)
		log_event(LOG_WARN, "answer_not_kept", "%s", db_trouble(tx));
}

/* Deletes in batches, so that no statement takes long. */
void
idempotency_expire(const struct service *service, struct arena *mem)
{
	struct answers_delete_old_row *row;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);

	for (int i = 0; i < SWEEPS; i++)
		if (answers_delete_old(tx, SWEEP, &row) != OK ||
		    row->deleted < SWEEP)
			return;
}
