/*
 * The janitor's half of the ledger. Every file usage.ID of the run directory is
 * a journal: one of our own workers, and of those that a supervisor before ours
 * has left behind. Whoever holds it writes it down, a batch at a time; whether
 * a batch that was cut off is in the ledger only the ledger knows, so it is
 * sent again under its number.
 */
#include "fcgi/chore.h"
#include "fcgi/meter/ledger.h"
#include "fcgi/meter/usage_record.h"
#include "lib/os/log.h"
#include "stmts/meter.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

/* The rows of a batch, a column each, as the statement takes them. */
struct columns {
	struct uuid *users, *keys;
	struct str *modes;
	int32_t *dates;
	int64_t *counts[USAGE_JOURNAL_COUNTERS];
};

static bool
make_columns(struct arena *mem, struct columns *c, size_t n)
{
	c->users = arena_alloc(mem, n * sizeof(*c->users));
	c->keys = arena_alloc(mem, n * sizeof(*c->keys));
	c->modes = arena_alloc(mem, n * sizeof(*c->modes));
	c->dates = arena_alloc(mem, n * sizeof(*c->dates));
	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++) {
		c->counts[i] = arena_alloc(mem, n * sizeof(*c->counts[i]));
		if (!c->counts[i])
			return false;
	}
	return c->users && c->keys && c->modes && c->dates;
}

static void
fill_row(struct columns *c, size_t at, const struct usage_journal_row *row)
{
	struct usage_record_name name;

	memcpy(&name, row->name, sizeof(name));
	c->users[at] = name.user;
	c->keys[at] = name.key;
	c->modes[at] = str_of(mode_name((enum mode)name.mode));
	c->dates[at] = name.day;
	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++)
		c->counts[i][at] = (int64_t)row->counts[i];
}

static struct uuid
journal_of(const struct usage_journal *t)
{
	struct uuid journal;

	memcpy(journal.b, t->head->id, sizeof(journal.b));
	return journal;
}

static enum err
write_batch(struct db_tx *tx, struct arena *mem, const struct usage_journal *t,
    const struct usage_journal_row *rows, size_t n)
{
	struct columns c;

	if (!make_columns(mem, &c, n))
		return E_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		fill_row(&c, i, &rows[i]);

#define COLUMN(items)  ((struct array){ items, n })
#define COUNTS(number) COLUMN(c.counts[number])
	return ledger_write(tx, journal_of(t), (int64_t)usage_journal_batch(t),
	    COLUMN(c.users), COLUMN(c.keys), COLUMN(c.modes), COLUMN(c.dates),
	    COUNTS(USAGE_RECORD_CREDITS), COUNTS(LEDGER_OK),
	    COUNTS(LEDGER_CLIENT_ERROR), COUNTS(LEDGER_SERVER_ERROR),
	    COUNTS(LEDGER_RATE_LIMITED), COUNTS(LEDGER_QUOTA_EXCEEDED),
	    COUNTS(USAGE_RECORD_BYTES_IN), COUNTS(USAGE_RECORD_BYTES_OUT),
	    NULL);
#undef COUNTS
#undef COLUMN
}

/* What was noted meanwhile waits for the next time, unless it is a lot. */
static enum err
write_all(struct db_tx *tx, struct arena *mem, struct usage_journal *t)
{
	struct usage_journal_row *rows =
	    arena_alloc(mem, USAGE_JOURNAL_BATCH * sizeof(*rows));
	size_t n;

	if (!rows)
		return E_TOO_LARGE;
	do {
		enum err e;

		n = usage_journal_begin(t, rows);
		if (n == 0)
			return OK;
		e = write_batch(tx, mem, t, rows, n);
		if (e != OK)
			return e;
		usage_journal_settle(t);
	} while (n == USAGE_JOURNAL_BATCH);
	return OK;
}

/*
 * A file that nobody writes to any more is done with once it is written down:
 * that nobody does was asked before.
 */
static enum err
write_journal(const struct service *service, struct db_tx *tx,
    struct arena *mem, struct usage_journal *t)
{
	bool is_left = usage_journal_is_left(t);
	enum err e = write_all(tx, mem, t);

	if (e == OK && usage_journal_batch(t) &&
	    (is_left || service->is_over()))
		e = ledger_set_idle(tx, journal_of(t), NULL);
	if (e == OK && is_left)
		unlink(t->path);
	return e;
}

/* Each is told of once, and kept for somebody who can read it. */
static void
set_aside(const char *run_dir, const char *name)
{
	char was[192], is[192];

	snprintf(was, sizeof(was), "%s/%s", run_dir, name);
	snprintf(is, sizeof(is), "%s/unreadable-%s", run_dir, name);
	if (rename(was, is) == 0)
		log_event(LOG_ALERT, "usage_unreadable",
		    "%s is another program's; set aside", was);
	else
		log_event(LOG_ALERT, "usage_unreadable", "%s: %s", was,
		    strerror(errno));
}

static enum err
flush_file(const struct service *service, struct db_tx *tx, struct arena *mem,
    const char *name)
{
	char path[192];
	struct usage_journal t = { .fd = -1 };
	enum err e = OK;

	snprintf(path, sizeof(path), "%s/%s", service->opts->run_dir, name);
	switch (usage_journal_open(&t, path)) {
	case USAGE_JOURNAL_OPEN:
		e = write_journal(service, tx, mem, &t);
		usage_journal_close(&t);
		break;
	case USAGE_JOURNAL_FOREIGN:
		set_aside(service->opts->run_dir, name);
		break;
	case USAGE_JOURNAL_BUSY:
		break;
	}
	return e;
}

static bool
is_journal(const char *name)
{
	static const char begin[] = "usage.";
	const size_t at = sizeof(begin) - 1,
		     digits = (size_t)2 * USAGE_JOURNAL_ID;

	return strncmp(name, begin, at) == 0 &&
	    strspn(name + at, "0123456789abcdef") == digits &&
	    name[at + digits] == '\0';
}

/* A journal that is in trouble by itself does not hold up the others. */
static bool
is_gone(enum err e)
{
	return e == E_UNAVAILABLE || e == E_TIMEOUT;
}

void
ledger_flush(const struct service *service, struct arena *mem)
{
	static struct chore_trouble trouble = {
		.begins = "usage_waits",
		.ends = "usage_written",
		.relief = "all that had waited",
	};
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	DIR *dir = opendir(service->opts->run_dir);
	enum err worst = dir ? OK : E_INTERNAL;
	const char *why = "the run directory cannot be read";
	struct dirent *entry;

	while (dir && !is_gone(worst) && (entry = readdir(dir))) {
		enum err e;

		if (!is_journal(entry->d_name))
			continue;
		e = flush_file(service, tx, mem, entry->d_name);
		if (e == OK)
			continue;
		worst = e;
		why = db_trouble(tx);
	}
	chore_tell(&trouble, worst, why);
	if (dir)
		closedir(dir);
}
