/*
 * Creating databases that are pending. The host that has the file creates it in a
 * chore; a service may be slow or down, so that its databases are queued work.
 * The first request creates a database, too.
 */
#include "fcgi/userdb/handlers.h"

#include "fcgi/userdb/provider.h"
#include "fcgi/work/work.h"
#include "lib/os/log.h"
#include "stmts/userdb.h"

enum { PAGE = 100, FAILURES_MAX = 3 };

/* One that was dropped meanwhile is none to create. */
static enum err
make_one(const struct service *service, struct arena *mem, struct uuid user,
    enum mode mode, const char **why)
{
	struct userdb db;
	enum err e = userdb_read(service, mem, user, mode, &db, why);

	if (e == E_NOT_FOUND || (e == OK && db.is_ready))
		return OK;
	return e == OK ? userdb_make(service, mem, &db, why) : e;
}

/* --- Services ------------------------------------------------------------- */

static enum work_outcome
make_at_service(struct work *w)
{
	const char *why = "";
	enum err e = make_one(w->service, w->mem, w->user,
	    w->is_test ? MODE_TEST : MODE_LIVE, &why);

	w->why = why[0] ? why : err_code(e);
	return e == OK ? WORK_DONE : WORK_FAILED;
}

const struct work_kind userdb_make_kind = {
	.name = "userdb.make",
	.about = "creates a user database at a service",
	.run = make_at_service,
	.apart = true,
	.timeout_ns = 60 * NS_PER_S,
	.attempts = 20,
	.pause_ns = 5 * NS_PER_S,
	.pause_max_ns = 60 * NS_PER_S,
	.in_all = 4,
};

static void
queue_pending(const struct service *service, struct arena *mem)
{
	struct database_pending_row *rows = NULL;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	size_t n = 0, added = 0;

	if (database_pending(tx, STR(""), PAGE, &rows, &n) != OK)
		return;
	for (size_t i = 0; i < n; i++) {
		int64_t id = 0;

		if (work_add_once(tx, &userdb_make_kind, rows[i].user_id,
			mode_named(rows[i].mode), &id) != OK)
			break;
		added += id != 0;
	}
	if (added)
		work_wake(service);
}

/* --- Files ---------------------------------------------------------------- */

/* The rest waits for the next run: a disk that is full answers slowly. */
static void
make_files(const struct service *service, struct arena *mem)
{
	struct database_pending_row *rows = NULL;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	char host[USERDB_HOST_MAX + 1];
	const char *why = "";
	size_t n = 0, made = 0, failed = 0;

	if (database_pending(tx, str_of(userdb_host(service->conf, host)), PAGE,
		&rows, &n) != OK ||
	    !n)
		return;
	for (size_t i = 0;
	     i < n && failed < FAILURES_MAX && !service->is_ending(); i++) {
		bool done = make_one(service, mem, rows[i].user_id,
				mode_named(rows[i].mode), &why) == OK;

		made += done;
		failed += !done;
	}
	log_event(failed ? LOG_WARN : LOG_INFO, "databases_made",
	    "%zu of %zu%s%s", made, n, failed ? "; the last error: " : "",
	    failed ? why : "");
}

void
userdb_make_pending(const struct service *service, struct arena *mem)
{
	make_files(service, mem);
	queue_pending(service, mem);
}
