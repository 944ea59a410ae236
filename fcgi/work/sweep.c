/*
 * The sweep. Small batches keep the locks and the pauses of the janitor short;
 * they follow one another until nothing is left to delete. Each state has its own
 * statement: only a constant in the statement selects the index of that state.
 */
#include "fcgi/work/sweep.h"

#include "fcgi/db/door.h"
#include "fcgi/work/options.h"
#include "stmts/work.h"

enum { BATCH = 1000, BATCHES_MAX = 50 };

void
work_sweep(const struct service *service, struct arena *mem)
{
	const struct work_options *opts = ROOM_OPTIONS(work, service->conf);
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	int64_t done, dead;

	for (int i = 0; i < BATCHES_MAX && !service->is_ending(); i++) {
		if (work_sweep_done(tx, opts->done_age / NS_PER_US,
			(int64_t)opts->done_max, BATCH, &done) != OK ||
		    work_sweep_dead(tx, opts->dead_age / NS_PER_US,
			(int64_t)opts->dead_max, BATCH, &dead) != OK)
			return;
		if (done < BATCH && dead < BATCH)
			return;
	}
}
