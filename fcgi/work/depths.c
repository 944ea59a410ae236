/*
 * Counting the queue. Metrics read the scoreboard, so that they do not wait for
 * the database.
 */
#include "fcgi/work/depths.h"

#include "fcgi/db/door.h"
#include "fcgi/work/kinds.h"
#include "lib/os/clock.h"
#include "stmts/work.h"

static void
put(scoreboard_counter *to, int64_t n)
{
	atomic_store_explicit(to, (uint64_t)n, memory_order_relaxed);
}

void
work_count_depths(const struct service *service, struct arena *mem)
{
	struct scoreboard_head *head = service->scoreboard->head;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	struct work_depths_row *rows = NULL;
	struct str names[WORK_KINDS];
	size_t n = 0;

	for (size_t i = 0; i < kinds_count; i++)
		names[i] = str_of(kind_at(i)->name);
	if (work_depths(tx, (struct array){ names, kinds_count }, DEPTH_MAX,
		&rows, &n) != OK)
		return;
	for (size_t i = 0; i < n; i++) {
		struct scoreboard_depth *depth = &head->depths[i];

		put(&depth->waiting, rows[i].waiting);
		put(&depth->ready, rows[i].ready);
		put(&depth->running, rows[i].running);
		put(&depth->dead, rows[i].dead);
		put(&depth->oldest_us, rows[i].oldest_us);
	}
	head->depths_ns = clock_mono_ns();
}
