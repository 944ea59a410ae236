/*
 * Redis counts first, so that of two runs that ask for the last credit one gets
 * it.
 */
#include "fcgi/meter/charge.h"

#include "fcgi/meter/limit.h"
#include "lib/os/clock.h"
#include "stmts/meter.h"

static enum err
read_ledger(const struct charge *c, int64_t *credits)
{
	struct usage_of_day_row *row = NULL;
	struct db_tx *tx = db_open(c->service->db, c->mem, MODE_LIVE);
	enum err e = usage_of_day(tx, c->user, c->day, &row);

	if (e == OK)
		*credits = row->credits;
	return e;
}

static bool
ask(const struct charge *c, int64_t cost, int64_t ledger,
    struct limit_answer *a)
{
	const struct limit_question q = {
		.wall_us = clock_wall_us(),
		.user = &c->user,
		.day = c->day,
		.allowance = c->credits_per_day,
		.ledger = ledger,
		.cost = cost,
		.want = 1,
	};

	return limit_ask(c->service, c->mem, &q, a);
}

enum err
charge_take(struct charge *c)
{
	struct limit_answer a;
	int64_t used = 0;
	bool is_up;
	enum err e;

	c->day = clock_day(clock_wall_us());
	if (c->mode == MODE_TEST)
		return OK;
	is_up = ask(c, 1, LIMIT_UNKNOWN, &a);
	if (!is_up || a.verdict == LIMIT_NO_COUNTER) {
		e = read_ledger(c, &used);
		if (e != OK)
			return e;
		is_up = is_up && ask(c, 1, used, &a);
	}
	if (!is_up)
		return used < c->credits_per_day ? OK : E_QUOTA_EXCEEDED;
	c->is_counted = a.verdict == LIMIT_PASS;
	return c->is_counted ? OK : E_QUOTA_EXCEEDED;
}

void
charge_return(struct charge *c)
{
	struct limit_answer a;

	if (c->is_counted)
		(void)!ask(c, -1, LIMIT_UNKNOWN, &a);
	c->is_counted = false;
}

enum err
charge_record(struct db_tx *tx, const struct charge *c, enum err taken)
{
	struct usage_charge_row *row;

	return usage_charge(tx, c->user, str_of(mode_name(c->mode)), c->day,
	    taken == OK, taken != OK, &row);
}
