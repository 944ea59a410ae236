/*
 * Notes. Each has one counter that says whose it is: the writer fills a note
 * whose counter is zero and then counts it, so a death in between leaves
 * nothing; the reader takes off what it has told. A note that the reader sets
 * back to zero under the writer's hands is filled anew.
 */
#include "lib/shm/error_buffer.h"

#include <sys/mman.h>

static const size_t bytes =
    ERROR_BUFFER_SLOTS_MAX * sizeof(struct error_buffer_slot);

struct error_buffer_slot *
error_buffer_create(void)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

void
error_buffer_close(struct error_buffer_slot *slots)
{
	munmap(slots, bytes);
}

/* False where the reader was quicker, and the note is free now. */
static bool
count_again(struct error_entry *note, uint64_t times)
{
	while (times)
		if (atomic_compare_exchange_weak(&note->times, &times,
			times + 1))
			return true;
	return false;
}

void
error_buffer_add(struct error_buffer_slot *slot,
    const struct error_entry_text *text)
{
	struct error_entry *free = NULL;
	size_t of_one = 0;

	for (size_t i = 0; i < ERROR_BUFFER_ENTRIES; i++) {
		struct error_entry *note = &slot->all[i];
		uint64_t times = atomic_load(&note->times);

		if (times &&
		    memcmp(note->text.name, text->name, ERROR_ENTRY_NAME) ==
			0 &&
		    count_again(note, times))
			return;
		if (!atomic_load(&note->times))
			free = note;
		else if (memcmp(note->text.name, text->name,
			     ERROR_ENTRY_OWNER) == 0)
			of_one++;
	}
	if (!free || of_one >= ERROR_BUFFER_PER_OWNER)
		return;
	free->text = *text;
	atomic_store(&free->times, 1);
}

size_t
error_buffer_read(struct error_buffer_slot *slots, size_t n,
    struct error_entry_copy *copies, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < n * ERROR_BUFFER_ENTRIES && found < max; i++) {
		struct error_entry *note = &slots[i / ERROR_BUFFER_ENTRIES]
						.all[i % ERROR_BUFFER_ENTRIES];
		uint64_t times = atomic_load(&note->times);

		if (times)
			copies[found++] = (struct error_entry_copy){ note,
				times, note->text };
	}
	return found;
}

void
error_buffer_forget(const struct error_entry_copy *copies, size_t n)
{
	for (size_t i = 0; i < n; i++)
		atomic_fetch_sub(&copies[i].note->times, copies[i].times);
}
