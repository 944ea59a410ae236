/*
 * The flush of the ledger. Each file usage.ID in the run directory is a
 * journal, of our own workers or left by an earlier supervisor. It is written
 * to the table in numbered batches. If a flush is interrupted, only the table
 * knows whether it has the last batch, so that batch is sent again with the
 * same number.
 */
#include "fcgi/chore.h"
#include "fcgi/meter/ledger.h"
#include "fcgi/meter/usage_record.h"
#include "fcgi/options.h"
#include "lib/base/columns.h"
#include "lib/os/log.h"
#include "lib/shm/usage_journal.h"
#include "stmts/meter.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

/* The arrays that ledger_write takes. */
struct rows {
	struct columns columns;
	struct uuid *users, *keys;
	struct str *modes;
	int32_t *dates;
	int64_t *counts[USAGE_JOURNAL_COUNTERS];
};

static bool
make_rows(struct rows *rows, struct arena *mem, size_t n)
{
	struct columns *c = &rows->columns;

	*c = (struct columns){ .mem = mem, .n = n };
	rows->users = columns_add(c, sizeof(*rows->users));
	rows->keys = columns_add(c, sizeof(*rows->keys));
	rows->modes = columns_add(c, sizeof(*rows->modes));
	rows->dates = columns_add(c, sizeof(*rows->dates));
	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++)
		rows->counts[i] = columns_add(c, sizeof(*rows->counts[i]));
	return !c->failed;
}

static void
fill_row(struct rows *rows, size_t at, const struct usage_journal_row *row)
{
	struct usage_record_name name;

	memcpy(&name, row->name, sizeof(name));
	rows->users[at] = name.user;
	rows->keys[at] = name.key;
	rows->modes[at] = str_of(mode_name((enum mode)name.mode));
	rows->dates[at] = name.day;
	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++)
		rows->counts[i][at] = (int64_t)row->counts[i];
}

static struct uuid
id_of(const struct usage_journal *journal)
{
	struct uuid id;

	memcpy(id.b, journal->head->id, sizeof(id.b));
	return id;
}

static enum err
write_batch(struct db_tx *tx, struct arena *mem,
    const struct usage_journal *journal,
    const struct usage_journal_row *entries, size_t n)
{
	struct rows rows;

	if (!make_rows(&rows, mem, n))
		return E_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		fill_row(&rows, i, &entries[i]);

#define COLUMN(name) columns_array(&rows.columns, rows.name)
	return ledger_write(tx, id_of(journal),
	    (int64_t)usage_journal_batch(journal), COLUMN(users), COLUMN(keys),
	    COLUMN(modes), COLUMN(dates), COLUMN(counts[USAGE_RECORD_CREDITS]),
	    COLUMN(counts[LEDGER_OK]), COLUMN(counts[LEDGER_CLIENT_ERROR]),
	    COLUMN(counts[LEDGER_SERVER_ERROR]),
	    COLUMN(counts[LEDGER_RATE_LIMITED]),
	    COLUMN(counts[LEDGER_QUOTA_EXCEEDED]),
	    COLUMN(counts[USAGE_RECORD_BYTES_IN]),
	    COLUMN(counts[USAGE_RECORD_BYTES_OUT]), NULL);
#undef COLUMN
}

/* Usage counted during a run is left to the next, unless it fills a batch. */
static enum err
write_batches(struct db_tx *tx, struct arena *mem,
    struct usage_journal *journal)
{
	struct usage_journal_row *entries =
	    arena_alloc(mem, USAGE_JOURNAL_BATCH * sizeof(*entries));
	size_t n;

	if (!entries)
		return E_TOO_LARGE;
	do {
		enum err e;

		n = usage_journal_begin(journal, entries);
		if (n == 0)
			return OK;
		e = write_batch(tx, mem, journal, entries, n);
		if (e != OK)
			return e;
		usage_journal_settle(journal);
	} while (n == USAGE_JOURNAL_BATCH);
	return OK;
}

/*
 * A journal without a writer is deleted once it is flushed. Check for a writer
 * before the flush: one that ends later may have counted more.
 */
static enum err
write_journal(const struct service *service, struct db_tx *tx,
    struct arena *mem, struct usage_journal *journal)
{
	bool is_left = usage_journal_is_left(journal);
	enum err e = write_batches(tx, mem, journal);

	if (e == OK && usage_journal_batch(journal) &&
	    (is_left || service->is_ending()))
		e = ledger_set_idle(tx, id_of(journal), NULL);
	if (e == OK && is_left)
		unlink(journal->path);
	return e;
}

/* Renames it, so that it is logged once and an operator can inspect it. */
static void
set_aside(const char *run_dir, const char *name)
{
	char was[192], is[192];

	snprintf(was, sizeof(was), "%s/%s", run_dir, name);
	snprintf(is, sizeof(is), "%s/unreadable-%s", run_dir, name);
	if (rename(was, is) == 0)
		log_event(LOG_ALERT, "usage_unreadable",
		    "%s is not a journal of this version; renamed to %s", was,
		    is);
	else
		log_event(LOG_ALERT, "usage_unreadable", "%s: %s", was,
		    strerror(errno));
}

static enum err
flush_file(const struct service *service, struct db_tx *tx, struct arena *mem,
    const char *name)
{
	char path[192];
	struct usage_journal journal;
	enum err e = OK;

	snprintf(path, sizeof(path), "%s/%s", service->opts->run_dir, name);
	switch (usage_journal_open(&journal, path)) {
	case USAGE_JOURNAL_OPEN:
		e = write_journal(service, tx, mem, &journal);
		usage_journal_close(&journal);
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

/* Any other error concerns one journal only: continue with the next one. */
static bool
is_down(enum err e)
{
	return e == E_UNAVAILABLE || e == E_TIMEOUT;
}

void
ledger_flush(const struct service *service, struct arena *mem)
{
	static struct chore_trouble trouble = {
		.begins = "usage_waits",
		.ends = "usage_written",
		.relief = "the ledger is up to date again",
	};
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	DIR *dir = opendir(service->opts->run_dir);
	enum err worst = dir ? OK : E_INTERNAL;
	const char *why = "the run directory cannot be read";
	struct dirent *entry;

	while (dir && !is_down(worst) && (entry = readdir(dir))) {
		enum err e;

		if (!is_journal(entry->d_name))
			continue;
		e = flush_file(service, tx, mem, entry->d_name);
		if (e == OK)
			continue;
		worst = e;
		why = db_trouble(tx);
	}
	chore_log(&trouble, worst, why);
	if (dir)
		closedir(dir);
}
