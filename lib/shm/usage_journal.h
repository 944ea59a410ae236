/*
 * tally: what each process has counted and nobody has written down yet.
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
	TALLY_NAME = 40, /* bytes */
	TALLY_COUNTERS = 8,
	TALLY_ENTRIES = 128,
	TALLY_SLOTS_MAX = 8192,
	TALLY_ID = 16,
	/* So many entries at once are written down. */
	TALLY_BATCH = 4096,
};

struct tally_copy {
	uint8_t name[TALLY_NAME];
	uint64_t counts[TALLY_COUNTERS];
};

/* The writer has the copies, the flusher what is below them. */
struct tally_entry {
	_Atomic uint64_t seq; /* the copy that holds is number seq & 1 */
	struct tally_copy copies[2];
	_Atomic uint64_t flushed[TALLY_COUNTERS]; /* is written down */
	_Atomic uint64_t pending[TALLY_COUNTERS]; /* will be, by this batch */
} __attribute__((aligned(64)));

struct tally_slot {
	struct tally_entry entries[TALLY_ENTRIES];
};

struct tally_head {
	char magic[8];
	uint32_t layout, batch_rows; /* another program's tally differs */
	uint8_t id[TALLY_ID];
	_Atomic uint32_t slots;
	/* Batches; the last one begun may be written down already, or not. */
	_Atomic uint64_t begun, settled;
} __attribute__((aligned(64)));

struct tally {
	struct tally_head *head;
	struct tally_slot *slots;
	int fd;
	char path[192];
};

/* --- For who starts the writers ------------------------------------------ */

/*
 * A new one at "STEM.ID", which all processes forked from now on share. False
 * with errno.
 */
bool tally_create(struct tally *, const char *stem, size_t slots) MUST_CHECK;
/* More slots, for all who have it mapped. False with errno. */
bool tally_grow(struct tally *, size_t slots) MUST_CHECK;
/* Takes the file away if all of it is written down; nobody writes any more. */
void tally_remove(const struct tally *);
void tally_close(struct tally *);

/* --- For a writer: the one process that has the slot --------------------- */

/*
 * The entry of that name, which stays it until the next call. NULL while every
 * entry has something that is not written down yet.
 */
struct tally_entry *tally_enter(struct tally_slot *,
    const uint8_t name[TALLY_NAME]) MUST_CHECK;

/* All of it, or nothing if the process is killed in between. */
void tally_add(struct tally_entry *, const uint64_t counts[TALLY_COUNTERS]);

/* --- For the flusher: who writes down what others counted ---------------- */

enum tally_state {
	TALLY_OPEN,
	TALLY_BUSY,    /* another process is its flusher, or it is gone */
	TALLY_FOREIGN, /* another program's, which we cannot read */
};

/* TALLY_OPEN makes the caller its only flusher, until tally_close(). */
enum tally_state tally_open(struct tally *, const char *path) MUST_CHECK;

struct tally_row {
	uint8_t name[TALLY_NAME];
	uint64_t counts[TALLY_COUNTERS]; /* since it was last written down */
};

/*
 * Begins a batch of at most TALLY_BATCH rows, whose number is tally_batch();
 * how many there are. One that was begun and never settled, by whomever, comes
 * again, the same, under its number: it may have been written down.
 */
size_t tally_begin(struct tally *, struct tally_row rows[TALLY_BATCH]);
uint64_t tally_batch(const struct tally *);
/* The batch is written down. */
void tally_settle(struct tally *);

/* No process is left that could write to it. */
bool tally_is_left(const struct tally *);

#endif
