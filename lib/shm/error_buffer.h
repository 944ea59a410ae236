/*
 * error_buffer: what each process has to tell, the same thing once, until it is read.
 *
 * Owns:   shared memory of one slot per process, each of some notes.
 * Not:    what a note says: bytes; nor who keeps it: it ends with the last of
 *         the processes that share it.
 * Limit:  NOTES_EACH different ones a process and NOTES_OF_ONE of one owner
 *         that are not read yet; another one is left out.
 */
#ifndef IO7_LIB_SHM_ERROR_BUFFER_H
#define IO7_LIB_SHM_ERROR_BUFFER_H

#include "lib/base/base.h"

#include <stdatomic.h>

enum {
	ERROR_BUFFER_ENTRIES = 128,
	ERROR_BUFFER_PER_OWNER = 8,
	ERROR_BUFFER_SLOTS_MAX = 8192,
	ERROR_ENTRY_NAME = 40,
	ERROR_ENTRY_OWNER = 16, /* so many bytes of the name are the owner's */
	ERROR_ENTRY_REST = 72,
};

/* Notes of the same name are one; the rest is that of the first of them. */
struct error_entry_text {
	uint8_t name[ERROR_ENTRY_NAME];
	uint8_t rest[ERROR_ENTRY_REST];
};

/* Without times it is the writer's, to write to; else nobody changes it. */
struct error_entry {
	_Atomic uint64_t times;
	struct error_entry_text text;
} __attribute__((aligned(64)));

struct error_buffer_slot {
	struct error_entry all[ERROR_BUFFER_ENTRIES];
};

/*
 * Slots that are shared with all processes forked from now on; memory is taken
 * by those in use alone. NULL with errno.
 */
struct error_buffer_slot *error_buffer_create(void) MUST_CHECK;
void error_buffer_close(struct error_buffer_slot *);

/* For the one process that has the slot. */
void error_buffer_add(struct error_buffer_slot *,
    const struct error_entry_text *);

/* What the reader has of a note. */
struct error_entry_copy {
	struct error_entry *note;
	uint64_t times;
	struct error_entry_text text;
};

/* For the one reader: at most so many of what is in n slots. */
size_t error_buffer_read(struct error_buffer_slot *, size_t n,
    struct error_entry_copy *, size_t max) MUST_CHECK;
/* They are told; what was added to them meanwhile comes again. */
void error_buffer_forget(const struct error_entry_copy *, size_t n);

#endif
