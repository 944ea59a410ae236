/*
 * The step of a signup, which only adds rows: a provider that is slow or down
 * must not delay a signup.
 */
#include "fcgi/userdb/handlers.h"

#include "fcgi/userdb/provider.h"
#include "lib/os/log.h"
#include "stmts/userdb.h"

enum { PAGE = 100 };

enum err
userdb_add_step(struct signup *s)
{
	return userdb_add(s->service, s->mem, s->user, &s->why);
}

enum err
userdb_undo_step(struct signup *s)
{
	enum err e = OK;

	for (enum mode m = 0; m < MODE_COUNT && e == OK; m++) {
		struct userdb db;

		e = userdb_read(s->service, s->mem, s->user, m, &db, &s->why);
		if (e == OK)
			e = userdb_drop(s->service, s->mem, &db, &s->why);
		else if (e == E_NOT_FOUND)
			e = OK;
	}
	return e;
}

void
userdb_add_missing(const struct service *service, struct arena *mem)
{
	struct database_missing_row *rows = NULL;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	const char *why = "";
	size_t n = 0, failed = 0;

	if (database_missing(tx, PAGE, &rows, &n) != OK || !n)
		return;
	for (size_t i = 0; i < n; i++)
		failed += userdb_add(service, mem, rows[i].user_id, &why) != OK;
	log_event(failed ? LOG_WARN : LOG_INFO, "databases_added",
	    "%zu of %zu users%s%s", n - failed, n,
	    failed ? "; the last error: " : "", why);
}
