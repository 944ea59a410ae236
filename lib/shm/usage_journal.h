/*
 * usage_journal: what each process has counted and nobody has written down yet.
 *
 * Owns:   a mapped file of one slot per process, each of some named entries.
 * Not:    whose names those are, or what is counted: a name is bytes, a counter
 *         only grows; nor the place where it is written down.
 * Limit:  TALLY_SLOTS_MAX slots of TALLY_ENTRIES names; it outlives every
 *         process, however that ends, but not the machine.
 */
#ifndef IO7_LIB_SHM_USAGE_JOURNAL_H
#define IO7_LIB_SHM_USAGE_JOURNAL_H

#include "lib/base/base.h"

#include <stdatomic.h>

enum {
	USAGE_JOURNAL_NAME = 40, /* bytes */
	USAGE_JOURNAL_COUNTERS = 8,
	USAGE_JOURNAL_ENTRIES = 128,
	USAGE_JOURNAL_SLOTS_MAX = 8192,
	USAGE_JOURNAL_ID = 16,
	/* So many entries at once are written down. */
	USAGE_JOURNAL_BATCH = 4096,
};

struct usage_journal_copy {
	uint8_t name[USAGE_JOURNAL_NAME];
	uint64_t counts[USAGE_JOURNAL_COUNTERS];
};

/* The writer has the copies, the flusher what is below them. */
struct usage_journal_entry {
	_Atomic uint64_t seq; /* the copy that holds is number seq & 1 */
	struct usage_journal_copy copies[2];
	_Atomic uint64_t flushed[USAGE_JOURNAL_COUNTERS]; /* is written down */
	_Atomic uint64_t
	    pending[USAGE_JOURNAL_COUNTERS]; /* will be, by this batch */
} __attribute__((aligned(64)));

struct usage_journal_slot {
	struct usage_journal_entry entries[USAGE_JOURNAL_ENTRIES];
};

struct usage_journal_head {
	char magic[8];
	uint32_t layout, batch_rows; /* another program's tally differs */
	uint8_t id[USAGE_JOURNAL_ID];
	_Atomic uint32_t slots;
	/* Batches; the last one begun may be written down already, or not. */
	_Atomic uint64_t begun, settled;
} __attribute__((aligned(64)));

struct usage_journal {
	struct usage_journal_head *head;
	struct usage_journal_slot *slots;
	int fd;
	char path[192];
};

/* --- For who starts the writers ------------------------------------------ */

/*
 * A new one at "STEM.ID", which all processes forked from now on share. False
 * with errno.
 */
bool usage_journal_create(struct usage_journal *, const char *stem,
    size_t slots) MUST_CHECK;
/* More slots, for all who have it mapped. False with errno. */
bool usage_journal_grow(struct usage_journal *, size_t slots) MUST_CHECK;
/* Takes the file away if all of it is written down; nobody writes any more. */
void usage_journal_remove(const struct usage_journal *);
void usage_journal_close(struct usage_journal *);

/* --- For a writer: the one process that has the slot --------------------- */

/*
 * The entry of that name, which stays it until the next call. NULL while every
 * entry has something that is not written down yet.
 */
struct usage_journal_entry *usage_journal_enter(struct usage_journal_slot *,
    const uint8_t name[USAGE_JOURNAL_NAME]) MUST_CHECK;

/* All of it, or nothing if the process is killed in between. */
void usage_journal_add(struct usage_journal_entry *,
    const uint64_t counts[USAGE_JOURNAL_COUNTERS]);

/* --- For the flusher: who writes down what others counted ---------------- */

enum usage_journal_state {
	USAGE_JOURNAL_OPEN,
	USAGE_JOURNAL_BUSY, /* another process is its flusher, or it is gone */
	USAGE_JOURNAL_FOREIGN, /* another program's, which we cannot read */
};

/* TALLY_OPEN makes the caller its only flusher, until tally_close(). */
enum usage_journal_state usage_journal_open(struct usage_journal *,
    const char *path) MUST_CHECK;

struct usage_journal_row {
	uint8_t name[USAGE_JOURNAL_NAME];
	uint64_t
	    counts[USAGE_JOURNAL_COUNTERS]; /* since it was last written down */
};

/*
 * Begins a batch of at most TALLY_BATCH rows, whose number is tally_batch();
 * how many there are. One that was begun and never settled, by whomever, comes
 * again, the same, under its number: it may have been written down.
 */
size_t usage_journal_begin(struct usage_journal *,
    struct usage_journal_row rows[USAGE_JOURNAL_BATCH]);
uint64_t usage_journal_batch(const struct usage_journal *);
/* The batch is written down. */
void usage_journal_settle(struct usage_journal *);

/* No process is left that could write to it. */
bool usage_journal_is_left(const struct usage_journal *);

#endif
