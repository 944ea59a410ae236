/*
 * Prunes the history: runs by their age, outputs by their size. That a job has
 * few runs only is ensured when they are added.
 */
#include "fcgi/cron/handlers.h"

#include "fcgi/chore.h"
#include "fcgi/cron/job.h"
#include "fcgi/cron/options.h"
#include "fcgi/db/door.h"
#include "lib/os/clock.h"
#include "stmts/cron.h"

enum { BATCH = 10000 };

/* Until then a run without an item may just be ending. */
#define LOST_US (60 * US_PER_S)

static enum err
delete_old(const struct service *service, struct db_tx *tx)
{
	int64_t before = clock_wall_us() -
	    ROOM_OPTIONS(cron, service->conf)->history / NS_PER_US;
	int64_t deleted = BATCH;
	enum err e = OK;

	while (e == OK && deleted == BATCH && !service->is_ending())
		e = runs_delete_old(tx, before, BATCH, &deleted);
	return e;
}

/* Statements of the user can give jobs new ids, so that none has many runs. */
static enum err
trim_accounts(const struct service *service, struct db_tx *tx)
{
	int64_t deleted = BATCH;
	enum err e = OK;

	while (e == OK && deleted == BATCH && !service->is_ending())
		e = runs_trim_account(tx, ACCOUNT_RUNS_KEPT, BATCH, &deleted);
	return e;
}

static enum err
drop_outputs(const struct service *service, struct db_tx *tx)
{
	int64_t max = (int64_t)ROOM_OPTIONS(cron, service->conf)->output_max;
	int64_t dropped = BATCH;
	enum err e = OK;

	while (e == OK && dropped == BATCH && !service->is_ending())
		e = outputs_drop(tx, max, BATCH, &dropped);
	return e;
}

void
cron_prune(const struct service *service, struct arena *mem)
{
	static struct chore_trouble trouble = {
		.begins = "cron_prune",
		.ends = "cron_prune",
		.relief = "the history of jobs is pruned again",
	};
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	int64_t now = clock_wall_us();
	enum err e = runs_lost(tx, now, now - LOST_US, NULL);

	if (e == OK)
		e = delete_old(service, tx);
	if (e == OK)
		e = trim_accounts(service, tx);
	if (e == OK)
		e = drop_outputs(service, tx);
	chore_log(&trouble, e, db_trouble(tx));
}
