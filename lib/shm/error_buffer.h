/*
 * error_buffer: holds the errors of each process until they are read.
 *
 * Equal errors are counted, not repeated. This is not a usage_journal: an error
 * carries text, is dropped once it is read, and may be lost with the processes,
 * whereas usage is summed and must survive them.
 *
 * Owns:   anonymous shared memory of one slot per process.
 * Not:    what key and detail mean: they are bytes.
 * Limit:  ERROR_BUFFER_ENTRIES unread errors a process, ERROR_BUFFER_PER_OWNER
 *         of one owner; further ones are dropped.
 */
#ifndef IO7_LIB_SHM_ERROR_BUFFER_H
#define IO7_LIB_SHM_ERROR_BUFFER_H

#include "lib/base/base.h"

#include <stdatomic.h>

enum {
	ERROR_BUFFER_ENTRIES = 128,
	ERROR_BUFFER_PER_OWNER = 8,
	ERROR_BUFFER_SLOTS_MAX = 8192,
	ERROR_KEY = 40,
	ERROR_OWNER = 16, /* the key begins with so many bytes of its owner */
	ERROR_DETAIL = 72,
};

/* Errors with the same key are counted as one, with the detail of the first. */
struct error_record {
	uint8_t key[ERROR_KEY];
	uint8_t detail[ERROR_DETAIL];
};

/* While the count is 0 the writer may fill it; else the record is constant. */
struct error_entry {
	_Atomic uint64_t count;
	struct error_record record;
} __attribute__((aligned(64)));

struct error_buffer_slot {
	struct error_entry entries[ERROR_BUFFER_ENTRIES];
};

/*
 * Slots that all processes forked from now on share; unused ones take no
 * memory. NULL with errno.
 */
struct error_buffer_slot *error_buffer_create(void) MUST_CHECK;
void error_buffer_close(struct error_buffer_slot *);

/* For the one process that has the slot. */
void error_buffer_add(struct error_buffer_slot *, const struct error_record *);

/* An entry as the reader saw it. */
struct error_reading {
	struct error_entry *entry;
	uint64_t count;
	struct error_record record;
};

/*
 * For the only reader: reads up to max entries of n slots; returns their
 * number.
 */
size_t error_buffer_read(struct error_buffer_slot *, size_t n,
    struct error_reading *, size_t max) MUST_CHECK;
/* Subtracts the counts that were read; later counts are read next time. */
void error_buffer_drop(const struct error_reading *, size_t n);

#endif
