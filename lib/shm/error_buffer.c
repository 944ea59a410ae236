/*
 * Notes. Each has one counter that says whose it is: the writer fills a note
 * whose counter is zero and then counts it, so a death in between leaves
 * nothing; the reader takes off what it has told. A note that the reader sets
 * back to zero under the writer's hands is filled anew.
 */
#include "lib/shm/error_buffer.h"

#include <sys/mman.h>

static const size_t bytes = NOTES_SLOTS_MAX * sizeof(struct notes_slot);

struct notes_slot *
notes_create(void)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

void
notes_close(struct notes_slot *slots)
{
	munmap(slots, bytes);
}

/* False where the reader was quicker, and the note is free now. */
static bool
count_again(struct note *note, uint64_t times)
{
	while (times)
		if (atomic_compare_exchange_weak(&note->times, &times,
			times + 1))
			return true;
	return false;
}

void
notes_add(struct notes_slot *slot, const struct note_text *text)
{
	struct note *free = NULL;
	size_t of_one = 0;

	for (size_t i = 0; i < NOTES_EACH; i++) {
		struct note *note = &slot->all[i];
		uint64_t times = atomic_load(&note->times);

		if (times &&
		    memcmp(note->text.name, text->name, NOTE_NAME) == 0 &&
		    count_again(note, times))
			return;
		if (!atomic_load(&note->times))
			free = note;
		else if (memcmp(note->text.name, text->name, NOTE_OWNER) == 0)
			of_one++;
	}
	if (!free || of_one >= NOTES_OF_ONE)
		return;
	free->text = *text;
	atomic_store(&free->times, 1);
}

size_t
notes_read(struct notes_slot *slots, size_t n, struct note_copy *copies,
    size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < n * NOTES_EACH && found < max; i++) {
		struct note *note = &slots[i / NOTES_EACH].all[i % NOTES_EACH];
		uint64_t times = atomic_load(&note->times);

		if (times)
			copies[found++] =
			    (struct note_copy){ note, times, note->text };
	}
	return found;
}

void
notes_forget(const struct note_copy *copies, size_t n)
{
	for (size_t i = 0; i < n; i++)
		atomic_fetch_sub(&copies[i].note->times, copies[i].times);
}
