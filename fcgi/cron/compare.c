/*
 * Compares the jobs in user databases with the index, and mends the index.
 *
 * A database is compared when its jobs may have changed: after the API has
 * changed them, after a statement of the user that names the table, after an
 * import. A change may still be in an open transaction then, so that the
 * database is compared again for a while. All others are compared now and then,
 * because triggers change jobs, too, and files are restored.
 */
#include "fcgi/chore.h"
#include "fcgi/cron/due.h"
#include "fcgi/cron/handlers.h"
#include "fcgi/cron/jobs.h"
#include "fcgi/cron/options.h"
#include "fcgi/userdb/registry.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "stmts/cron.h"

enum { DATABASES = 20, PAGE = JOBS_MAX, PAGES_MAX = 200 };

/* Of one database, and of all of a run: other chores wait. */
#define DATABASE_NS (5 * NS_PER_S)
#define RUN_NS      (10 * NS_PER_S)

/* --- One database --------------------------------------------------------- */

struct compared {
	struct job_owner owner;
	struct jobs jobs;
	int64_t now_us, began_us; /* of this program, and of PostgreSQL */
	struct buf ids;           /* each with a NUL */
	size_t n;
};

static enum err
put_page(struct compared *c, const struct job_list *list)
{
	struct due_entry *entries =
	    arena_alloc(c->jobs.mem, (list->n + 1) * sizeof(*entries));
	enum err e = entries ? OK : E_TOO_LARGE;

	for (size_t i = 0; e == OK && i < list->n; i++) {
		e = due_entry_of(&c->owner, &list->rows[i], c->now_us,
		    &entries[i]);
		if (e != OK || !entries[i].is_indexed)
			continue;
		buf_str(&c->ids, list->rows[i].id);
		buf_putc(&c->ids, '\0');
		c->n++;
	}
	if (e != OK) {
		c->jobs.why = "The time zones cannot be read now.";
		return e;
	}
	c->jobs.why = "The index cannot be written now.";
	return due_put(&c->owner, entries, list->n, c->now_us);
}

/* Each page has its own memory; only the ids are kept, and the position. */
static enum err
put_all(struct compared *c, struct arena *pages)
{
	/* One that is too long is cut a byte too late. */
	char name[4 * JOB_NAME_MAX + 2], id[JOB_ID_MAX + 2];
	struct str after_name = STR(""), after_id = STR("");
	struct job_list list;
	enum err e;

	for (int i = 0; i < PAGES_MAX; i++) {
		arena_reset(pages);
		e = jobs_page(&c->jobs, after_name, after_id, PAGE, &list);
		if (e == OK)
			e = put_page(c, &list);
		if (e != OK || !list.has_more)
			return e;
		after_name = list.rows[list.n - 1].name;
		after_id = list.rows[list.n - 1].id;
		if (after_name.n >= sizeof(name) || after_id.n >= sizeof(id)) {
			c->jobs.why = "A job has a very long name or id.";
			return E_BAD_REQUEST;
		}
		memcpy(name, after_name.p, after_name.n);
		memcpy(id, after_id.p, after_id.n);
		after_name.p = name;
		after_id.p = id;
	}
	return OK;
}

static enum err
forget_others(struct compared *c, struct arena *mem)
{
	struct db_tx *tx = db_open(c->owner.service->db, mem, MODE_LIVE);
	struct str *ids = arena_alloc(mem, (c->n + 1) * sizeof(*ids));
	struct str rest = buf_view(&c->ids);

	if (!ids || c->ids.failed)
		return E_TOO_LARGE;
	for (size_t i = 0; i < c->n; i++)
		str_split(&rest, '\0', &ids[i]);
	return due_keep(tx, c->owner.user, str_of(mode_name(c->owner.mode)),
	    (struct array){ ids, c->n }, c->began_us, NULL);
}

static enum err
compare(const struct service *service, struct arena *mem, struct arena *pages,
    const struct databases_to_compare_row *row, const char **why)
{
	struct userdb db;
	struct compared c = {
		.owner = { service, pages, row->user_id,
		    mode_named(row->mode) },
		.now_us = clock_wall_us(),
		.began_us = row->now,
	};
	enum err e =
	    userdb_open(service, mem, c.owner.user, c.owner.mode, &db, why);

	if (e != OK)
		return e;
	c.jobs = (struct jobs){
		.service = service,
		.mem = pages,
		.db = &db,
		/* A mend adds a few bytes, even to a database that is full. */
		.storage_bytes = INT64_MAX,
		.only_oldest = true,
		.deadline_ns = clock_mono_ns() + DATABASE_NS,
	};
	buf_init(&c.ids, mem);
	e = put_all(&c, pages);
	*why = c.jobs.why;
	return e == OK ? forget_others(&c, mem) : e;
}

/* --- The chore ------------------------------------------------------------ */

/* A database that is locked or slow is compared again soon, others later. */
static bool
is_passing(enum err e)
{
	return e == E_UNAVAILABLE || e == E_TIMEOUT;
}

static enum err
compare_each(const struct service *service, struct arena *mem,
    const struct databases_to_compare_row *rows, size_t n)
{
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	struct arena *pages = arena_new((size_t)service->opts->request_memory);
	int64_t until = clock_mono_ns() + RUN_NS;
	enum err recorded = OK;

	if (!pages)
		return E_TOO_LARGE;
	for (size_t i = 0; i < n && recorded == OK && clock_mono_ns() < until &&
	     !service->is_ending();
	     i++) {
		const char *why = "";
		enum err e = compare(service, mem, pages, &rows[i], &why);

		if (e != OK)
			log_event(LOG_WARN, "cron_not_compared",
			    "the jobs of a database: %s", why);
		recorded = jobs_compared(tx, rows[i].user_id, rows[i].mode,
		    rows[i].now, is_passing(e), NULL);
	}
	arena_free(pages);
	return recorded;
}

void
cron_compare(const struct service *service, struct arena *mem)
{
	static struct chore_trouble trouble = {
		.begins = "cron_compare",
		.ends = "cron_compare",
		.relief = "jobs are compared with the index again",
	};
	struct databases_to_compare_row *rows = NULL;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	char host[USERDB_HOST_MAX + 1];
	size_t n = 0;
	enum err e =
	    databases_to_compare(tx, str_of(userdb_host(service->conf, host)),
		ROOM_OPTIONS(cron, service->conf)->compare / NS_PER_S,
		DATABASES, &rows, &n);

	if (e == OK)
		e = compare_each(service, mem, rows, n);
	chore_log(&trouble, e, db_trouble(tx));
}
