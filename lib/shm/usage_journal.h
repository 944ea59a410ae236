/*
 * usage_journal: keeps the counts of processes until the ledger holds them.
 *
 * Owns:   a mapped file of one slot per process, each with named entries.
 * Not:    what names and counters mean: a name is bytes, a counter only grows.
 *         Nor the ledger: the flusher writes it.
 * Limit:  USAGE_JOURNAL_SLOTS_MAX slots of USAGE_JOURNAL_ENTRIES entries. The
 *         file survives every process, however it ends, but not the machine.
 */
#ifndef IO7_LIB_SHM_USAGE_JOURNAL_H
#define IO7_LIB_SHM_USAGE_JOURNAL_H

#include "lib/shm/shared_file.h"

#include <stdatomic.h>

enum {
	USAGE_JOURNAL_NAME = 40, /* bytes */
	USAGE_JOURNAL_COUNTERS = 8,
	USAGE_JOURNAL_ENTRIES = 128,
	USAGE_JOURNAL_SLOTS_MAX = 8192,
	USAGE_JOURNAL_ID = 16,
	USAGE_JOURNAL_BATCH = 4096, /* rows at most */
};

struct usage_journal_copy {
	uint8_t name[USAGE_JOURNAL_NAME];
	uint64_t counts[USAGE_JOURNAL_COUNTERS];
};

/* Only the writer writes seq and copies, only the flusher what follows. */
struct usage_journal_entry {
	_Atomic uint64_t seq; /* copies[seq & 1] is valid */
	struct usage_journal_copy copies[2];
	/* The counts in the ledger, and those after the current batch. */
	_Atomic uint64_t flushed[USAGE_JOURNAL_COUNTERS];
	_Atomic uint64_t pending[USAGE_JOURNAL_COUNTERS];
} __attribute__((aligned(64)));

struct usage_journal_slot {
	struct usage_journal_entry entries[USAGE_JOURNAL_ENTRIES];
};

struct usage_journal_head {
	struct shared_mark mark;
	uint32_t batch_rows; /* USAGE_JOURNAL_BATCH of its creator */
	uint8_t id[USAGE_JOURNAL_ID];
	_Atomic uint32_t slots;
	/* Numbers of batches. A batch begun and not settled may be stored. */
	_Atomic uint64_t begun, settled;
} __attribute__((aligned(64)));

struct usage_journal {
	struct usage_journal_head *head;
	struct usage_journal_slot *slots;
	struct shared_file file;
	char path[192];
};

/* --- The supervisor, which starts the writers ------------------------------ */

/*
 * Makes a journal at "STEM.ID", which all processes forked from now on share.
 * False with errno.
 */
bool usage_journal_create(struct usage_journal *, const char *stem,
    size_t slots) MUST_CHECK;
/* Adds slots, for all processes that have mapped it. False with errno. */
bool usage_journal_grow(struct usage_journal *, size_t slots) MUST_CHECK;
/* Deletes the file if the ledger holds all of it. No writer may be left. */
void usage_journal_remove(const struct usage_journal *);
void usage_journal_close(struct usage_journal *);

/* --- A writer: the one process that has the slot --------------------------- */

/*
 * The entry of that name, valid until the next call. NULL while each entry has
 * something that is not stored yet.
 */
struct usage_journal_entry *usage_journal_enter(struct usage_journal_slot *,
    const uint8_t name[USAGE_JOURNAL_NAME]) MUST_CHECK;

/* Adds all counts, or none if the process is killed in between. */
void usage_journal_add(struct usage_journal_entry *,
    const uint64_t counts[USAGE_JOURNAL_COUNTERS]);

/* --- The flusher, which stores what the writers counted -------------------- */

enum usage_journal_state {
	USAGE_JOURNAL_OPEN,
	USAGE_JOURNAL_BUSY,    /* another process flushes it, or it is gone */
	USAGE_JOURNAL_FOREIGN, /* its layout is another program's */
};

/* When it is open, the caller is its only flusher until it closes it. */
enum usage_journal_state usage_journal_open(struct usage_journal *,
    const char *path) MUST_CHECK;

struct usage_journal_row {
	uint8_t name[USAGE_JOURNAL_NAME];
	uint64_t counts[USAGE_JOURNAL_COUNTERS]; /* since the last batch */
};

/*
 * Begins a batch and returns its number of rows; 0: all is stored. A batch that
 * was begun and not settled is returned again, unchanged and with its number,
 * since the ledger may hold it already.
 */
size_t usage_journal_begin(struct usage_journal *,
    struct usage_journal_row rows[USAGE_JOURNAL_BATCH]);
/* The number of the last batch that was begun. */
uint64_t usage_journal_batch(const struct usage_journal *);
/* Records that the ledger holds the batch. */
void usage_journal_settle(struct usage_journal *);

/* True if no process is left that could write to it. */
bool usage_journal_is_left(const struct usage_journal *);

#endif
