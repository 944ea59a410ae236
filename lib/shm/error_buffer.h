/*
 * notes: what each process has to tell, the same thing once, until it is read.
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
	NOTES_EACH = 128,
	NOTES_OF_ONE = 8,
	NOTES_SLOTS_MAX = 8192,
	NOTE_NAME = 40,
	NOTE_OWNER = 16, /* so many bytes of the name are the owner's */
	NOTE_REST = 72,
};

/* Notes of the same name are one; the rest is that of the first of them. */
struct note_text {
	uint8_t name[NOTE_NAME];
	uint8_t rest[NOTE_REST];
};

/* Without times it is the writer's, to write to; else nobody changes it. */
struct note {
	_Atomic uint64_t times;
	struct note_text text;
} __attribute__((aligned(64)));

struct notes_slot {
	struct note all[NOTES_EACH];
};

/*
 * Slots that are shared with all processes forked from now on; memory is taken
 * by those in use alone. NULL with errno.
 */
struct notes_slot *notes_create(void) MUST_CHECK;
void notes_close(struct notes_slot *);

/* For the one process that has the slot. */
void notes_add(struct notes_slot *, const struct note_text *);

/* What the reader has of a note. */
struct note_copy {
	struct note *note;
	uint64_t times;
	struct note_text text;
};

/* For the one reader: at most so many of what is in n slots. */
size_t notes_read(struct notes_slot *, size_t n, struct note_copy *, size_t max)
    MUST_CHECK;
/* They are told; what was added to them meanwhile comes again. */
void notes_forget(const struct note_copy *, size_t n);

#endif
