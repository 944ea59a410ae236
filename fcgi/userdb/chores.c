/*
 * The step of a signup, and the chore that completes what it begins.
 *
 * The step only adds rows: a provider that is slow or down must not delay a
 * signup. The chore of the host that has the file, or the first request, lets
 * the provider create the database.
 */
#include "fcgi/userdb/handlers.h"

#include "fcgi/userdb/provider.h"
#include "lib/os/clock.h"
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

static enum mode
mode_named(struct str name)
{
	return str_eq(name, STR("test")) ? MODE_TEST : MODE_LIVE;
}

static enum err
make_one(const struct service *service, struct arena *mem,
    const struct database_pending_row *row, const char **why)
{
	struct userdb db;
	enum err e = userdb_read(service, mem, row->user_id,
	    mode_named(row->mode), &db, why);

	if (e == E_NOT_FOUND)
		return OK;
	return e == OK ? userdb_make(service, mem, &db, why) : e;
}

enum { FAILURES_MAX = 3 };

struct outcome {
	size_t made, failed;
	size_t made_at_services, failed_at_services;
	const char *why;
};

/*
 * A service that fails is left alone for a while, longer each time. The files of
 * this host do not wait for it.
 */
static struct {
	int64_t until_ns, wait_ns;
} service_pause;

#define PAUSE_MIN_NS (5 * NS_PER_S)
#define PAUSE_MAX_NS (60 * NS_PER_S)

static void
note_services(bool has_failed)
{
	int64_t longer = service_pause.wait_ns * 2;

	if (!has_failed) {
		service_pause.wait_ns = service_pause.until_ns = 0;
		return;
	}
	if (longer < PAUSE_MIN_NS)
		longer = PAUSE_MIN_NS;
	service_pause.wait_ns = longer < PAUSE_MAX_NS ? longer : PAUSE_MAX_NS;
	service_pause.until_ns = clock_mono_ns() + service_pause.wait_ns;
}

static void
make_each(const struct service *service, struct arena *mem,
    const struct database_pending_row *rows, size_t n, struct outcome *t)
{
	for (size_t i = 0;
	     i < n && t->failed < FAILURES_MAX && !service->is_ending(); i++) {
		bool is_service = rows[i].host.n == 0;
		bool done;

		if (is_service && t->failed_at_services == FAILURES_MAX)
			continue;
		done = make_one(service, mem, &rows[i], &t->why) == OK;
		*(is_service ? &t->made_at_services : &t->made) += done;
		*(is_service ? &t->failed_at_services : &t->failed) += !done;
	}
}

/* The rest waits for the next run: a provider that is down answers slowly. */
void
userdb_make_pending(const struct service *service, struct arena *mem)
{
	struct database_pending_row *rows = NULL;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	bool services = clock_mono_ns() >= service_pause.until_ns;
	char host[USERDB_HOST_MAX + 1];
	struct outcome t = { .why = "" };
	size_t n = 0, failed, made;

	if (database_pending(tx, str_of(userdb_host(service->conf, host)),
		services, PAGE, &rows, &n) != OK ||
	    !n)
		return;
	make_each(service, mem, rows, n, &t);
	if (t.made_at_services || t.failed_at_services)
		note_services(!t.made_at_services);
	failed = t.failed + t.failed_at_services;
	made = t.made + t.made_at_services;
	log_event(failed ? LOG_WARN : LOG_INFO, "databases_made",
	    "%zu of %zu%s%s", made, n, failed ? "; the last error: " : "",
	    failed ? t.why : "");
}
