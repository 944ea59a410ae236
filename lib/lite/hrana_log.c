/*
 * The write-ahead log is emptied by its next writer once all of it is in the
 * database. A transaction that reads an older content prevents that, and the log
 * grows past what the plan allows. Then idle streams with a transaction expire;
 * if that does not help, nothing is written until the last reader is done.
 */
#include "lib/lite/hrana_impl.h"

#include <malloc.h>
#include <sqlite3.h>

enum {
	LOG_MAX = 64 << 20, /* bytes */
	PAGE_SIZE = 4096,
	/* Free pages that hrana_rest() gives back, by 1 MiB for a call. */
	FREE_PAGES = 256,
};

static bool
is_short(const struct hrana *h)
{
	return h->log_pages <= LOG_MAX / PAGE_SIZE;
}

static bool
empty(struct hrana *h, struct lite *l)
{
	int rc = sqlite3_wal_checkpoint_v2(lite_db(l), "main",
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	if (rc == SQLITE_OK)
		h->log_pages = 0;
	return rc == SQLITE_OK;
}

void
hrana_log_grew(struct hrana *h, struct lite *l)
{
	unsigned pages = lite_log_pages(l);

	if (!pages)
		return;
	h->log_pages = pages;
	if (is_short(h) || !sqlite3_get_autocommit(lite_db(l)) || empty(h, l))
		return;
	hrana_expire_transactions(h);
	(void)empty(h, l);
}

bool
hrana_log_has_room(struct hrana *h, struct lite *l)
{
	int state = sqlite3_txn_state(lite_db(l), "main");

	if (is_short(h) || state == SQLITE_TXN_WRITE)
		return true;
	return state == SQLITE_TXN_NONE && empty(h, l);
}

bool
hrana_rest(struct hrana *h)
{
	struct lite *l;
	const char *why;
	int64_t pages = 0;
	char sql[64];

	for (size_t i = 1; i < HRANA_SPARE; i++) {
		lite_close(h->spare[i]);
		h->spare[i] = NULL;
	}
	if (hrana_borrow(h, false, &l, &why) != SQLITE_OK)
		return false;
	if (lite_ask(l, "PRAGMA freelist_count", &pages) == SQLITE_OK &&
	    pages > 0 && lite_set_read_only(l, false) == SQLITE_OK) {
		snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)",
		    FREE_PAGES);
		(void)!lite_run(l, sql);
	}
	(void)empty(h, l);
	lite_shrink(l);
	hrana_return(h, l);
	malloc_trim(0);
	return pages > FREE_PAGES;
}
