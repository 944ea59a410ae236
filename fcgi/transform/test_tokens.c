/*
 * The daily allowance of model tokens in test mode, a row of io7.model_tokens.
 * A call of a model takes seconds, so two statements around it cost nothing,
 * and the count survives a crash of Redis or of a worker.
 */
#include "fcgi/transform/test_tokens.h"

#include "fcgi/identity/principal.h"
#include "fcgi/meter/limit.h"
#include "fcgi/transform/options.h"
#include "lib/os/clock.h"
#include "stmts/transform.h"

/* A service may report any number; the sum must fit. */
enum { TOKENS_MAX = 1000000000 };

static int64_t
bounded(uint64_t tokens)
{
	return tokens < TOKENS_MAX ? (int64_t)tokens : TOKENS_MAX;
}

static enum err
refuse(struct req *r, int64_t allowance, int32_t day)
{
	struct buf b;

	buf_init(&b, r->mem);
	buf_printf(&b, "the limit is %lld model tokens a day in test mode",
	    (long long)allowance);
	buf_putc(&b, '\0');
	fail_field(r, E_QUOTA_EXCEEDED, "model_tokens",
	    b.failed ? "model tokens a day" : b.p);
	r->fault.retry_after_s = (int)limit_day_left_s(day, clock_wall_us());
	return E_QUOTA_EXCEEDED;
}

static enum err
take(struct transform *t, int32_t day, int64_t tokens, int64_t allowance,
    bool *is_taken)
{
	struct req *r = t->req;
	struct model_tokens_take_row *row = NULL;
	struct db_tx *tx = db_open(r->service->db, t->mem, MODE_LIVE);
	enum err e = model_tokens_take(tx, r->principal->tenant.user, day,
	    tokens, allowance, &row);

	*is_taken = row != NULL;
	return db_result(r, tx, e);
}

enum err
test_tokens_take(struct transform *t, uint64_t estimate,
    struct test_tokens *tokens)
{
	int64_t allowance =
	    (int64_t)ROOM_OPTIONS(transform, t->req->service->conf)
		->model_test_tokens;
	bool is_taken = true;
	enum err e = OK;

	*tokens = (struct test_tokens){ clock_day(clock_wall_us()),
		bounded(estimate) };
	if (t->req->principal->mode == MODE_TEST)
		e = take(t, tokens->day, tokens->taken, allowance, &is_taken);
	if (e != OK)
		return e;
	return is_taken ? OK : refuse(t->req, allowance, tokens->day);
}

enum err
test_tokens_settle(struct transform *t, const struct test_tokens *tokens,
    uint64_t used)
{
	int64_t more = bounded(used) - tokens->taken;
	bool is_taken;

	if (t->req->principal->mode != MODE_TEST || more == 0)
		return OK;
	return take(t, tokens->day, more, INT64_MAX, &is_taken);
}
