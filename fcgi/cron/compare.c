/*
 * Compares the jobs in user databases with the index, and mends the index.
 *
 * A database is compared when its jobs may have changed: after the API has
 * changed them, after a statement of the user that names the table, after an
 * import. A change may still be in an open transaction then, so that the
 * database is compared again for a while. All others are compared now and then,
 * because triggers change jobs, too, and files are restored.
 *
 * A user can make a database slow to read. So the chore only queues an item for
 * each comparison, which runs in a process of its own.
 */
#include "fcgi/chore.h"
#include "fcgi/cron/due.h"
#include "fcgi/cron/handlers.h"
#include "fcgi/cron/jobs.h"
#include "fcgi/cron/kinds.h"
#include "fcgi/cron/options.h"
#include "fcgi/userdb/registry.h"
#include "fcgi/work/work.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "stmts/cron.h"

enum {
	DATABASES = 20,
	PAGE = JOBS_MAX,
	PAGES_MAX = 200,
};

/* Reading all pages; the rest of the time limit is for the index. */
#define READ_NS (5 * NS_PER_S)

/* How long an item waits for a runner of the host that has the file. */
#define ELSEWHERE_US (60 * US_PER_S)

/* --- One database --------------------------------------------------------- */

struct compared {
	struct job_owner owner;
	struct jobs jobs;
	int64_t now_us, began_us; /* of this program, and of PostgreSQL */
	struct buf ids;           /* each with a NUL */
	size_t n;
	const char *why; /* of a failure, without names of the user */
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
		c->why = "the time zones cannot be read";
		return e;
	}
	c->why = "the index cannot be written";
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
		c->why = "the table cannot be read";
		e = jobs_page(&c->jobs, after_name, after_id, PAGE, &list);
		if (e == OK)
			e = put_page(c, &list);
		if (e != OK || !list.has_more)
			return e;
		after_name = list.rows[list.n - 1].name;
		after_id = list.rows[list.n - 1].id;
		if (after_name.n >= sizeof(name) || after_id.n >= sizeof(id)) {
			c->why = "a job has a very long name or id";
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
compare(struct compared *c, struct arena *mem)
{
	const char *why = "";
	struct userdb db;
	enum err e;

	c->why = "the database cannot be opened";
	e = userdb_open(c->owner.service, mem, c->owner.user, c->owner.mode,
	    &db, &why);
	if (e != OK)
		return e;
	c->jobs = (struct jobs){
		.service = c->owner.service,
		.mem = c->owner.mem,
		.db = &db,
		/* A mend adds a few bytes, even to a database that is full. */
		.storage_bytes = INT64_MAX,
		.only_oldest = true,
		.deadline_ns = clock_mono_ns() + READ_NS,
	};
	buf_init(&c->ids, mem);
	e = put_all(c, c->owner.mem);
	return e == OK ? forget_others(c, mem) : e;
}

/* --- An item --------------------------------------------------------------- */

/* A database that is locked or slow is compared again soon, others later. */
static bool
is_passing(enum err e)
{
	return e == E_UNAVAILABLE || e == E_TIMEOUT;
}

static void
log_failure(const struct work *work, const char *why, enum err e)
{
	char user[UUID_TEXT];

	uuid_text(work->user, user);
	log_event(LOG_WARN, "cron_not_compared",
	    "the jobs of user %s, %s mode: %s: %s", user,
	    work->is_test ? "test" : "live", why, err_code(e));
}

static enum err
record(struct db_tx *tx, const struct compared *c, bool is_to_repeat)
{
	return jobs_compared(tx, c->owner.user,
	    str_of(mode_name(c->owner.mode)), c->began_us, is_to_repeat, NULL);
}

/* The time of PostgreSQL; E_NOT_FOUND: the database is gone. */
static enum err
begin(struct db_tx *tx, const struct work *work, struct compared *c)
{
	struct compare_begin_row *row = NULL;
	enum mode mode = work->is_test ? MODE_TEST : MODE_LIVE;
	enum err e =
	    compare_begin(tx, work->user, str_of(mode_name(mode)), &row);

	if (e != OK || !row)
		return e == OK ? E_NOT_FOUND : e;
	*c = (struct compared){
		.owner = { work->service, NULL, work->user, mode },
		.now_us = clock_wall_us(),
		.began_us = row->now,
	};
	return OK;
}

/* A runner of another host may take the item. */
static enum work_outcome
pass_on(struct work *work)
{
	if (clock_wall_us() - work->due_us > ELSEWHERE_US) {
		work->why = "No runner of the database's host took the item.";
		return WORK_REFUSED;
	}
	work->pause_us = US_PER_S;
	return WORK_LATER;
}

enum work_outcome
compare_work(struct work *work)
{
	struct db_tx *tx = db_open(work->service->db, work->mem, MODE_LIVE);
	struct compared c;
	enum err e = begin(tx, work, &c);

	if (e == E_NOT_FOUND)
		return WORK_DONE;
	if (e == OK) {
		c.owner.mem =
		    arena_must_new((size_t)work->service->opts->request_memory);
		e = compare(&c, work->mem);
		if (e == E_MISDIRECTED)
			return pass_on(work);
		if (e != OK)
			log_failure(work, c.why, e);
		e = record(tx, &c, is_passing(e));
		arena_free(c.owner.mem);
	}
	work->why = e == OK ? NULL : "The comparison could not be recorded.";
	return e == OK ? WORK_DONE : WORK_FAILED;
}

/* So that it is not queued again at once. */
void
compare_work_dead(struct work *work)
{
	struct db_tx *tx = db_open(work->service->db, work->mem, MODE_LIVE);
	struct compared c;
	enum err e = begin(tx, work, &c);

	if (e == OK)
		e = record(tx, &c, true);
	if (e != OK && e != E_NOT_FOUND)
		log_failure(work, "its failure cannot be recorded", e);
}

/* --- The chore ------------------------------------------------------------ */

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
	int64_t id;
	size_t n = 0;
	enum err e =
	    databases_to_compare(tx, str_of(userdb_host(service->conf, host)),
		ROOM_OPTIONS(cron, service->conf)->compare / NS_PER_S,
		DATABASES, &rows, &n);

	for (size_t i = 0; e == OK && i < n; i++)
		e = work_add_once(tx, &cron_kinds[CRON_COMPARE],
		    rows[i].user_id, mode_named(rows[i].mode), &id);
	if (n)
		work_wake(service);
	chore_log(&trouble, e, db_trouble(tx));
}
