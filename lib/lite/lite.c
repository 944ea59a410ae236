/*
 * Connections: opening them, their settings, and statements of our own.
 */
#include "lib/lite/lite_impl.h"

#include "lib/os/clock.h"

#include <sqlite3.h>

enum {
	/* Pages of the log after which they are copied into the database. */
	LOG_PAGES = 1000,
};

/*
 * Journal and temporary files need no access to other paths. A commit does not
 * wait for the disk; lite_sync() does, for several commits at once.
 */
static const char setup[] = "PRAGMA journal_mode=WAL;"
			    "PRAGMA synchronous=NORMAL;"
			    "PRAGMA temp_store=MEMORY;"
			    "PRAGMA secure_delete=OFF;"
			    "PRAGMA cell_size_check=ON;"
			    "PRAGMA cache_size=-1000;"
			    "PRAGMA journal_size_limit=1048576;"
			    "PRAGMA foreign_keys=ON";

static bool
start(uint64_t heap)
{
	/* One thread needs no mutexes. */
	if (sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) != SQLITE_OK ||
	    sqlite3_initialize() != SQLITE_OK)
		return false;
	sqlite3_hard_heap_limit64((sqlite3_int64)heap);
	return lite_vfs_start();
}

bool
lite_start(uint64_t heap)
{
	static bool started;

	if (!started)
		started = start(heap);
	return started;
}

static int
is_to_stop(void *of)
{
	struct lite *l = of;

	if (l->watch.deadline_ns && clock_mono_ns() > l->watch.deadline_ns)
		l->is_late = true;
	return l->is_late ||
	    (l->watch.is_unwanted && l->watch.is_unwanted(l->watch.to));
}

void
lite_watch(struct lite *l, const struct lite_watch *w)
{
	l->watch = *w;
	l->is_late = false;
}

bool
lite_is_late(const struct lite *l)
{
	return l->is_late;
}

int
lite_run(struct lite *l, const char *sql)
{
	int rc;

	l->is_trusted = true;
	rc = sqlite3_exec(l->db, sql, NULL, NULL, NULL);
	l->is_trusted = false;
	return rc;
}

/* The first row of a statement of ours; the caller finalizes it. */
static int
ask(struct lite *l, const char *sql, sqlite3_stmt **stmt)
{
	int rc;

	l->is_trusted = true;
	rc = sqlite3_prepare_v2(l->db, sql, -1, stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(*stmt);
	l->is_trusted = false;
	return rc;
}

int
lite_ask(struct lite *l, const char *sql, int64_t *to)
{
	sqlite3_stmt *stmt = NULL;
	int rc = ask(l, sql, &stmt);

	*to = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
lite_say(struct lite *l, const char *sql, char *to, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	int rc = ask(l, sql, &stmt);
	const unsigned char *text =
	    rc == SQLITE_ROW ? sqlite3_column_text(stmt, 0) : NULL;

	snprintf(to, size, "%s", text ? (const char *)text : "");
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Readers of an older content only make the copy smaller. */
static int
has_committed(void *of, sqlite3 *db, const char *name, int pages)
{
	struct lite *l = of;

	l->log_pages = (unsigned)pages;
	if (pages >= LOG_PAGES)
		(void)sqlite3_wal_checkpoint_v2(db, name,
		    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

unsigned
lite_log_pages(struct lite *l)
{
	unsigned pages = l->log_pages;

	l->log_pages = 0;
	return pages;
}

/* Reading the schema finds a file that is no database, or a damaged one. */
static int
set_up(struct lite *l, int64_t wait_ns)
{
	int64_t pages = 0;
	int rc = lite_guard(l);

	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(l->db, (int)(wait_ns / NS_PER_MS));
	if (rc == SQLITE_OK)
		rc = lite_ask(l, "PRAGMA page_count", &pages);
	/* Only a new file can change it. */
	if (rc == SQLITE_OK && pages == 0)
		rc = lite_run(l, "PRAGMA auto_vacuum=INCREMENTAL");
	if (rc == SQLITE_OK)
		rc = lite_run(l, setup);
	if (rc == SQLITE_OK)
		rc = sqlite3_table_column_metadata(l->db, "main",
		    "sqlite_schema", NULL, NULL, NULL, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = lite_ask(l, "PRAGMA page_size", &l->page);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(l->db, 0);
	sqlite3_wal_hook(l->db, has_committed, l);
	sqlite3_progress_handler(l->db, LITE_WATCH_STEPS, is_to_stop, l);
	return rc;
}

int
lite_open(const char *path, bool make, int64_t wait_ns, struct lite **to,
    const char **why)
{
	static char sentence[256];
	int flags = SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0);
	struct lite *l = calloc(1, sizeof(*l));
	int rc;

	*to = NULL;
	*why = "no memory";
	if (!l)
		return SQLITE_NOMEM;
	rc = sqlite3_open_v2(path, &l->db, flags, NULL);
	if (rc == SQLITE_OK)
		rc = set_up(l, wait_ns);
	if (rc == SQLITE_OK) {
		*to = l;
		return SQLITE_OK;
	}
	rc = l->db ? sqlite3_extended_errcode(l->db) : rc;
	snprintf(sentence, sizeof(sentence), "%s",
	    l->db ? sqlite3_errmsg(l->db) : "no memory");
	*why = sentence;
	lite_close(l);
	return rc;
}

void
lite_close(struct lite *l)
{
	if (!l)
		return;
	lite_forget_statements(l);
	sqlite3_finalize(l->page_count);
	sqlite3_finalize(l->schema);
	sqlite3_close(l->db);
	free(l);
}

struct sqlite3 *
lite_db(const struct lite *l)
{
	return l->db;
}

int
lite_set_read_only(struct lite *l, bool on)
{
	int rc = SQLITE_OK;

	if (l->is_read_only != on)
		rc = lite_run(l,
		    on ? "PRAGMA query_only=ON" : "PRAGMA query_only=OFF");
	if (rc == SQLITE_OK)
		l->is_read_only = on;
	return rc;
}

bool
lite_is_read_only(const struct lite *l)
{
	return l->is_read_only;
}

int
lite_set_size_max(struct lite *l, uint64_t bytes)
{
	char sql[64];
	uint64_t pages = bytes / (uint64_t)l->page;
	int rc;

	/* SQLite has a limit of its own; 0 would leave it as it is. */
	if (pages > UINT32_MAX - 1)
		pages = UINT32_MAX - 1;
	if (pages == 0)
		pages = 1;
	if (l->page_max == (int64_t)pages)
		return SQLITE_OK;
	snprintf(sql, sizeof(sql), "PRAGMA max_page_count=%llu",
	    (unsigned long long)pages);
	rc = lite_run(l, sql);
	if (rc == SQLITE_OK)
		l->page_max = (int64_t)pages;
	return rc;
}

/* Steps a statement of ours that is kept; *to is its first column. */
static int
step_kept(struct lite *l, sqlite3_stmt **stmt, const char *sql, int64_t *to)
{
	int rc = SQLITE_OK;

	*to = 0;
	l->is_trusted = true;
	if (!*stmt)
		rc = sqlite3_prepare_v3(l->db, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, stmt, NULL);
	if (rc == SQLITE_OK && sqlite3_step(*stmt) == SQLITE_ROW)
		*to = sqlite3_column_int64(*stmt, 0);
	if (rc == SQLITE_OK)
		rc = sqlite3_reset(*stmt);
	l->is_trusted = false;
	return rc;
}

int
lite_size(struct lite *l, uint64_t *to)
{
	int64_t pages;
	int rc = step_kept(l, &l->page_count, "PRAGMA page_count", &pages);

	*to = (uint64_t)(pages * l->page);
	return rc;
}

int
lite_renew(struct lite *l)
{
	int64_t one;

	return step_kept(l, &l->schema,
	    "VALUES ((SELECT 1 FROM sqlite_schema LIMIT 1))", &one);
}

bool
lite_clean(struct lite *l)
{
	if (l->is_changed)
		return false;
	if (!sqlite3_get_autocommit(l->db) &&
	    lite_run(l, "ROLLBACK") != SQLITE_OK)
		return false;
	sqlite3_set_last_insert_rowid(l->db, 0);
	return sqlite3_db_config(l->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL) ==
	    SQLITE_OK;
}

void
lite_shrink(struct lite *l)
{
	lite_forget_statements(l);
	sqlite3_db_release_memory(l->db);
}
