/*
 * Entries of the index. The statement compares them with what the index has, so
 * that a time that is due already is not lost by an unrelated change of its job.
 */
#include "fcgi/cron/due.h"

#include "fcgi/cron/handlers.h"
#include "lib/base/columns.h"
#include "lib/os/log.h"
#include "stmts/cron.h"

#include <ctype.h>

/* --- Entries -------------------------------------------------------------- */

/* PostgreSQL accepts neither NUL nor what is not UTF-8. */
static struct str
plain_text(struct str text)
{
	return !memchr(text.p, '\0', text.n) && str_is_utf8(text) ? text
								  : STR("");
}

/* A problem of a field is a part of a sentence. */
static struct str
sentence_of(struct arena *mem, const struct job_problem *p)
{
	struct buf b;

	if (!p->field || !islower((unsigned char)p->sentence[0]))
		return str_of(p->sentence);
	buf_init(&b, mem);
	buf_printf(&b, "The field %s %s.", p->field, p->sentence);
	return b.failed ? str_of(p->sentence) : buf_view(&b);
}

static void
set_problem(struct arena *mem, struct due_entry *entry,
    const struct job_problem *p)
{
	entry->problem = sentence_of(mem, p);
	entry->schedule = plain_text(entry->schedule);
	entry->timezone = plain_text(entry->timezone);
	entry->command = plain_text(entry->command);
	entry->grace_s = -1;
	entry->is_indexed = p->field && strcmp(p->field, "id") != 0;
}

static void
set_rule(struct due_entry *entry, const struct job_rule *rule, int64_t now_us)
{
	struct decide_job job = job_to_decide(rule);

	entry->overlap = rule->overlap;
	entry->catch_up = rule->catch_up;
	entry->retries = rule->retries;
	entry->grace_s =
	    rule->is_heartbeat ? (int32_t)(rule->grace_us / US_PER_S) : -1;
	entry->schedule_of = rule->schedule;
	entry->is_indexed = true;
	if (entry->enabled)
		entry->next_us = decide_next(&job, now_us);
}

enum err
due_entry_of(const struct job_owner *owner, const struct job *job,
    int64_t now_us, struct due_entry *entry)
{
	struct job_problem problem;
	struct job_rule rule;
	enum err e =
	    job_check(owner->service, owner->mem, job, &rule, &problem);

	*entry = (struct due_entry){
		.id = job->id,
		.name = plain_text(job->name),
		.schedule = job->schedule,
		.timezone = job->timezone,
		.command = job->command,
		.problem = STR(""),
		.enabled = job->enabled,
		.catch_up = CATCH_UP_ONE,
	};
	if (e == OK)
		set_rule(entry, &rule, now_us);
	else if (e == E_BAD_REQUEST)
		set_problem(owner->mem, entry, &problem);
	return e == E_BAD_REQUEST ? OK : e;
}

/* --- The index ------------------------------------------------------------ */

/* The arrays that due_put takes. */
struct rows {
	struct columns columns;
	struct str *ids, *names, *schedules, *timezones, *commands, *overlaps,
	    *catch_ups, *problems;
	bool *enabled;
	int32_t *retries, *grace;
	int64_t *next;
};

static bool
make_rows(struct rows *rows, struct arena *mem, size_t n)
{
	struct columns *c = &rows->columns;

	*c = (struct columns){ .mem = mem, .n = n };
	rows->ids = columns_add(c, sizeof(*rows->ids));
	rows->names = columns_add(c, sizeof(*rows->names));
	rows->schedules = columns_add(c, sizeof(*rows->schedules));
	rows->timezones = columns_add(c, sizeof(*rows->timezones));
	rows->commands = columns_add(c, sizeof(*rows->commands));
	rows->overlaps = columns_add(c, sizeof(*rows->overlaps));
	rows->catch_ups = columns_add(c, sizeof(*rows->catch_ups));
	rows->problems = columns_add(c, sizeof(*rows->problems));
	rows->enabled = columns_add(c, sizeof(*rows->enabled));
	rows->retries = columns_add(c, sizeof(*rows->retries));
	rows->grace = columns_add(c, sizeof(*rows->grace));
	rows->next = columns_add(c, sizeof(*rows->next));
	return !c->failed;
}

static void
fill_row(struct rows *rows, size_t at, const struct due_entry *entry)
{
	rows->ids[at] = entry->id;
	rows->names[at] = entry->name;
	rows->schedules[at] = entry->schedule;
	rows->timezones[at] = entry->timezone;
	rows->commands[at] = entry->command;
	rows->overlaps[at] = str_of(cron_overlaps[entry->overlap]);
	rows->catch_ups[at] = str_of(cron_catch_ups[entry->catch_up]);
	rows->problems[at] = entry->problem;
	rows->enabled[at] = entry->enabled;
	rows->retries[at] = entry->retries;
	rows->grace[at] = entry->grace_s;
	rows->next[at] = entry->next_us.is ? entry->next_us.v : 0;
}

enum err
due_put(const struct job_owner *owner, const struct due_entry *entries,
    size_t n, int64_t now_us)
{
	struct db_tx *tx = db_open(owner->service->db, owner->mem, MODE_LIVE);
	struct rows rows;
	size_t kept = 0;
	enum err e;

	if (!make_rows(&rows, owner->mem, n))
		return E_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		if (entries[i].is_indexed)
			fill_row(&rows, kept++, &entries[i]);
	if (!kept)
		return OK;
	rows.columns.n = kept;

#define COLUMN(name) columns_array(&rows.columns, rows.name)
	e = due_write(tx, owner->user, str_of(mode_name(owner->mode)),
	    COLUMN(ids), COLUMN(names), COLUMN(schedules), COLUMN(timezones),
	    COLUMN(commands), COLUMN(enabled), COLUMN(overlaps),
	    COLUMN(retries), COLUMN(catch_ups), COLUMN(grace), COLUMN(problems),
	    COLUMN(next), now_us, NULL);
#undef COLUMN
	if (e != OK)
		log_event(LOG_WARN, "cron_index", "%s", db_trouble(tx));
	return e;
}

bool
due_is_equal(const struct due_entry *entry, const struct due_facts_row *row)
{
	return str_eq(entry->name, row->name) &&
	    str_eq(entry->schedule, row->schedule) &&
	    str_eq(entry->timezone, row->timezone) &&
	    str_eq(entry->command, row->command) &&
	    entry->enabled == row->enabled &&
	    str_eq(row->overlap, str_of(cron_overlaps[entry->overlap])) &&
	    entry->retries == row->retries &&
	    str_eq(row->catch_up, str_of(cron_catch_ups[entry->catch_up])) &&
	    str_eq(entry->problem, row->problem.p ? row->problem : STR(""));
}

/* --- The step of a signup -------------------------------------------------- */

/* The other rows of the user are deleted with the account. */
enum err
cron_undo_step(struct signup *s)
{
	struct db_tx *tx = db_open(s->db, s->mem, MODE_LIVE);
	enum err e = due_forget(tx, s->user, NULL);

	if (e != OK)
		s->why = db_trouble(tx);
	return e;
}
