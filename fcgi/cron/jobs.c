/*
 * Each operation is one call of the database, and one transaction.
 */
#include "fcgi/cron/jobs.h"

#include "fcgi/userdb/schema.h"
#include "lib/os/clock.h"

#define ASK_NS (15 * NS_PER_S)

/* --- Calls ---------------------------------------------------------------- */

static struct userdb_ask
ask_of(const struct jobs *j, bool may_write)
{
	return (struct userdb_ask){
		.service = j->service,
		.mem = j->mem,
		.db = j->db,
		.may_write = may_write,
		.size_max = userdb_size_max(j->db, j->storage_bytes),
		.no_transaction = !may_write,
		.deadline_ns =
		    j->deadline_ns ? j->deadline_ns : clock_mono_ns() + ASK_NS,
	};
}

/* Runs one statement of a mend; where nothing has to be done, it fails. */
static enum err
mend_with(struct jobs *j, struct str sql)
{
	struct userdb_ask a = ask_of(j, true);
	enum err e;

	a.no_transaction = true;
	userdb_ask_sql(&a, sql);
	e = userdb_ask_run(&a);
	if (e == OK || e == E_BAD_REQUEST)
		return OK;
	j->why = a.why;
	return e;
}

static enum err
mend(struct jobs *j)
{
	struct str rest = str_of(userdb_cron_jobs_columns_sql), sql;
	enum err e = mend_with(j, str_of(userdb_schema.steps[0]));

	while (e == OK && str_split(&rest, ';', &sql))
		if (str_trim(sql).n)
			e = mend_with(j, sql);
	return e;
}

static enum err
fail_call(struct jobs *j, const struct userdb_ask *a, enum err e)
{
	struct buf b;

	j->why = a->why;
	if (e != E_BAD_REQUEST)
		return e;
	buf_init(&b, j->mem);
	buf_printf(&b, "The table cron_jobs of the database cannot be used: %s",
	    a->why);
	buf_putc(&b, '\0');
	if (!b.failed)
		j->why = b.p;
	return E_CONFLICT;
}

/*
 * Writes the statements with `write`, and runs them: again after a mend, if the
 * table or a column does not exist.
 */
static enum err
call(struct jobs *j, bool may_write,
    void (*write)(struct userdb_ask *, const void *), const void *context,
    struct userdb_ask *a)
{
	enum err e, mended;

	*a = ask_of(j, may_write);
	write(a, context);
	e = userdb_ask_run(a);
	if (e != E_BAD_REQUEST)
		return e == OK ? OK : fail_call(j, a, e);
	mended = mend(j);
	if (mended != OK)
		return mended;
	*a = ask_of(j, may_write);
	write(a, context);
	e = userdb_ask_run(a);
	return e == OK ? OK : fail_call(j, a, e);
}

/* --- Reading -------------------------------------------------------------- */

enum column {
	ID,
	NAME,
	SCHEDULE,
	TIMEZONE,
	COMMAND,
	OVERLAP,
	CATCH_UP,
	ENABLED,
	RETRIES,
	CREATED_AT,
	UPDATED_AT,
	TWIN,
	PLACE,
	COLUMNS
};

struct page_query {
	struct str after_name, after_id, id;
	int64_t limit, place_max, bytes_max;
};

static struct str
text_or_empty(struct str text)
{
	return text.p ? text : STR("");
}

static int64_t
number_in(struct str text)
{
	uint64_t n;

	return str_to_u64(text, &n) && n <= INT64_MAX ? (int64_t)n : -1;
}

static struct opt_int64
time_in(struct str text)
{
	struct opt_int64 at = { 0 };

	at.is = text.p && clock_read(text, &at.v);
	return at;
}

static void
read_job(const struct str *cells, struct job *job)
{
	*job = (struct job){
		.id = text_or_empty(cells[ID]),
		.name = text_or_empty(cells[NAME]),
		.schedule = text_or_empty(cells[SCHEDULE]),
		.timezone = text_or_empty(cells[TIMEZONE]),
		.command = text_or_empty(cells[COMMAND]),
		.overlap = text_or_empty(cells[OVERLAP]),
		.catch_up = text_or_empty(cells[CATCH_UP]),
		.enabled = number_in(cells[ENABLED]) == 1,
		.retries = number_in(cells[RETRIES]),
		.created_us = time_in(cells[CREATED_AT]),
		.updated_us = time_in(cells[UPDATED_AT]),
		.has_twin = number_in(cells[TWIN]) > 1,
		.is_surplus = number_in(cells[PLACE]) > JOBS_MAX,
	};
}

static void
write_page(struct userdb_ask *a, const void *context)
{
	const struct page_query *q = context;

	userdb_ask_sql(a, str_of(userdb_cron_jobs_page_sql));
	userdb_ask_text(a, q->after_name);
	userdb_ask_text(a, q->after_id);
	userdb_ask_int(a, q->limit);
	userdb_ask_int(a, q->bytes_max);
	userdb_ask_text(a, q->id);
	userdb_ask_int(a, q->place_max);
}

static enum err
read_page(struct jobs *j, struct userdb_ask *a, size_t statement, size_t max,
    struct job_list *list)
{
	struct str cells[COLUMNS];
	struct userdb_rows rows;
	enum err e = userdb_rows(a, statement, &rows);

	*list = (struct job_list){ 0 };
	if (e != OK) {
		j->why = a->why;
		return e;
	}
	list->rows = arena_alloc(j->mem, (max + 1) * sizeof(*list->rows));
	if (!list->rows) {
		j->why = "The jobs are too large.";
		return E_TOO_LARGE;
	}
	while (list->n < max && userdb_next_row(&rows, cells, COLUMNS))
		read_job(cells, &list->rows[list->n++]);
	return OK;
}

/*
 * One job more is asked for. If the bytes end a page early, that one does not
 * come, so a page that is not full but not empty may have a successor.
 */
enum err
jobs_page(struct jobs *j, struct str after_name, struct str after_id,
    size_t limit, struct job_list *list)
{
	struct page_query q = { after_name, after_id, { 0 }, (int64_t)limit + 1,
		j->only_oldest ? JOBS_MAX : INT64_MAX,
		j->only_oldest ? JOBS_OLDEST_BYTES : JOBS_PAGE_BYTES };
	struct userdb_ask a;
	size_t bytes = 0;
	enum err e = call(j, false, write_page, &q, &a);

	if (e == OK)
		e = read_page(j, &a, 0, limit + 1, list);
	if (e != OK)
		return e;
	for (size_t i = 0; i < list->n; i++)
		bytes += list->rows[i].command.n;
	list->has_more = list->n > limit || (int64_t)bytes >= q.bytes_max;
	if (list->n > limit)
		list->n = limit;
	return OK;
}

static enum err
first_of(struct jobs *j, struct userdb_ask *a, size_t statement,
    struct job *job)
{
	struct job_list list;
	enum err e = read_page(j, a, statement, 1, &list);

	if (e == OK && !list.n) {
		j->why = "There is no job with this id.";
		return E_NOT_FOUND;
	}
	if (e == OK)
		*job = list.rows[0];
	return e;
}

enum err
jobs_get(struct jobs *j, struct str id, struct job *job)
{
	struct page_query q = { STR(""), STR(""), id, 1, INT64_MAX,
		JOBS_PAGE_BYTES };
	struct userdb_ask a;
	enum err e = call(j, false, write_page, &q, &a);

	return e == OK ? first_of(j, &a, 0, job) : e;
}

/* --- Writing -------------------------------------------------------------- */

enum { NOW_TEXT = sizeof("2026-01-31 12:34:56") };

/* The time as CURRENT_TIMESTAMP has it. */
static void
now_text(char to[NOW_TEXT])
{
	char text[CLOCK_TEXT];

	clock_text(clock_wall_us(), text);
	memcpy(to, text, NOW_TEXT - 1);
	to[10] = ' ';
	to[NOW_TEXT - 1] = '\0';
}

static void
ask_facts(struct userdb_ask *a, struct str id, struct str name)
{
	userdb_ask_sql(a, str_of(userdb_cron_jobs_facts_sql));
	userdb_ask_text(a, id);
	userdb_ask_text(a, name);
}

/* Why a job was not written: what the first statement has found. */
static enum err
refuse_write(struct jobs *j, struct userdb_ask *a)
{
	struct userdb_rows rows;
	struct str cells[2];
	enum err e = userdb_rows(a, 0, &rows);

	j->why = a->why;
	if (e != OK)
		return e;
	if (userdb_next_row(&rows, cells, 2) && str_eq(cells[0], STR("1"))) {
		j->why = "Another job has this name.";
		return E_CONFLICT;
	}
	if (number_in(cells[1]) >= JOBS_MAX) {
		j->why = "There are 1,000 jobs, the maximum."
			 " Delete one first.";
		return E_CONFLICT;
	}
	j->why = "There is no job with this id.";
	return E_NOT_FOUND;
}

_Static_assert(JOBS_MAX == 1000, "the sentence above says so");

static enum err
count_written(struct jobs *j, struct userdb_ask *a, size_t statement)
{
	struct userdb_rows rows;
	enum err e = userdb_rows(a, statement, &rows);

	if (e != OK) {
		j->why = a->why;
		return e;
	}
	return rows.changed ? OK : refuse_write(j, a);
}

struct job_entry {
	const struct job *job;
	char owner[UUID_TEXT], now[NOW_TEXT];
};

static void
write_add(struct userdb_ask *a, const void *context)
{
	const struct job_entry *entry = context;
	const struct job *job = entry->job;

	ask_facts(a, job->id, job->name);
	userdb_ask_sql(a, str_of(userdb_cron_jobs_add_sql));
	userdb_ask_text(a, job->id);
	userdb_ask_text(a, str_of(entry->owner));
	userdb_ask_text(a, job->name);
	userdb_ask_text(a, job->schedule);
	userdb_ask_text(a, job->timezone);
	userdb_ask_text(a, job->command);
	userdb_ask_int(a, job->enabled);
	userdb_ask_text(a, job->overlap);
	userdb_ask_int(a, job->retries);
	userdb_ask_text(a, job->catch_up);
	userdb_ask_text(a, str_of(entry->now));
	userdb_ask_int(a, JOBS_MAX);
}

enum err
jobs_add(struct jobs *j, const struct job *job)
{
	struct job_entry entry = { .job = job };
	struct userdb_ask a;
	enum err e;

	uuid_text(j->db->user, entry.owner);
	now_text(entry.now);
	e = call(j, true, write_add, &entry, &a);
	return e == OK ? count_written(j, &a, 1) : e;
}

struct change_entry {
	struct str id;
	const struct job_change *to;
	char now[NOW_TEXT];
};

static void
ask_optional(struct userdb_ask *a, bool is, int64_t value)
{
	if (is)
		userdb_ask_int(a, value);
	else
		userdb_ask_text(a, (struct str){ 0 });
}

static void
write_change(struct userdb_ask *a, const void *context)
{
	const struct change_entry *entry = context;
	const struct job_change *to = entry->to;
	struct page_query q = { STR(""), STR(""), entry->id, 1, INT64_MAX,
		JOBS_PAGE_BYTES };

	ask_facts(a, entry->id, to->name);
	userdb_ask_sql(a, str_of(userdb_cron_jobs_change_sql));
	userdb_ask_text(a, entry->id);
	userdb_ask_text(a, to->name);
	userdb_ask_text(a, to->schedule);
	userdb_ask_text(a, to->timezone);
	userdb_ask_text(a, to->command);
	ask_optional(a, to->enabled.is, to->enabled.v);
	userdb_ask_text(a, to->overlap);
	ask_optional(a, to->retries.is, to->retries.v);
	userdb_ask_text(a, to->catch_up);
	userdb_ask_text(a, str_of(entry->now));
	write_page(a, &q);
}

enum err
jobs_change(struct jobs *j, struct str id, const struct job_change *to,
    struct job *changed)
{
	struct change_entry entry = { .id = id, .to = to };
	struct userdb_ask a;
	enum err e;

	now_text(entry.now);
	e = call(j, true, write_change, &entry, &a);
	if (e == OK)
		e = count_written(j, &a, 1);
	return e == OK ? first_of(j, &a, 2, changed) : e;
}

static void
write_delete(struct userdb_ask *a, const void *context)
{
	userdb_ask_sql(a, str_of(userdb_cron_jobs_delete_sql));
	userdb_ask_text(a, *(const struct str *)context);
}

enum err
jobs_delete(struct jobs *j, struct str id)
{
	struct userdb_rows rows;
	struct userdb_ask a;
	enum err e = call(j, true, write_delete, &id, &a);

	if (e == OK)
		e = userdb_rows(&a, 0, &rows);
	if (e == OK && !rows.changed) {
		j->why = "There is no job with this id.";
		return E_NOT_FOUND;
	}
	return e;
}
