/*
 * Adding items to the queue, and deleting those of a user.
 */
#include "fcgi/work/work.h"

#include "fcgi/chore.h"
#include "fcgi/pools.h"
#include "lib/os/clock.h"
#include "stmts/work.h"

/*
 * The database's clock decides when an item is due. A delay, unlike a time, means
 * the same by both clocks.
 */
static int64_t
delay_us(const struct work_order *order)
{
	int64_t delay =
	    order->run_at_us ? order->run_at_us - clock_wall_us() : 0;

	return delay > 0 ? delay : 0;
}

enum err
work_add(struct db_tx *tx, const struct work_order *order, int64_t *id)
{
	int attempts =
	    order->attempts ? order->attempts : order->kind->attempts;
	struct work_insert_row *row = NULL;
	enum err e;

	if (order->args.n > WORK_ARGS_MAX || order->key.n > WORK_KEY_MAX)
		return E_TOO_LARGE;
	e = work_insert(tx, str_of(order->kind->name), order->user,
	    str_of(mode_name(order->mode)),
	    order->args.p ? order->args : STR("{}"), delay_us(order), attempts,
	    order->key, &row);
	*id = e == OK && row ? row->id : 0;
	return e;
}

enum err
work_add_once(struct db_tx *tx, const struct work_kind *kind, struct uuid user,
    enum mode mode, int64_t *id)
{
	char key[UUID_TEXT + 8], text[UUID_TEXT];

	uuid_text(user, text);
	snprintf(key, sizeof(key), "%s/%s", text, mode_name(mode));
	return work_add(tx,
	    &(struct work_order){
		.kind = kind,
		.user = user,
		.mode = mode,
		.key = str_of(key),
	    },
	    id);
}

void
work_wake(const struct service *service)
{
	chore_hurry(service, &runner_pool);
}

enum err
work_delete_user(struct signup *s)
{
	struct db_tx *tx = db_open(s->db, s->mem, MODE_LIVE);
	enum err e = work_delete_of_user(tx, s->user, NULL);

	if (e != OK)
		s->why = db_trouble(tx);
	return e;
}
