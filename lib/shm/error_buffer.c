/*
 * An entry whose count is 0 belongs to the writer, any other one to the reader.
 * The writer fills an entry and then sets the count to 1, so that a killed
 * writer leaves no partial entry. The reader subtracts the count that it read.
 * If that makes it 0 while the writer adds to it, the writer notices that and
 * fills an entry anew.
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

/* False if the reader has freed the entry in between. */
static bool
count_again(struct error_entry *e, uint64_t count)
{
	while (count)
		if (atomic_compare_exchange_weak(&e->count, &count, count + 1))
			return true;
	return false;
}

void
error_buffer_add(struct error_buffer_slot *slot, const struct error_record *new)
{
	struct error_entry *free = NULL;
	size_t of_owner = 0;

	for (size_t i = 0; i < ERROR_BUFFER_ENTRIES; i++) {
		struct error_entry *e = &slot->entries[i];
		const uint8_t *key = e->record.key;
		uint64_t count = atomic_load(&e->count);

		if (count && memcmp(key, new->key, ERROR_KEY) == 0 &&
		    count_again(e, count))
			return;
		if (!atomic_load(&e->count))
			free = e;
		else if (memcmp(key, new->key, ERROR_OWNER) == 0)
			of_owner++;
	}
	if (!free || of_owner >= ERROR_BUFFER_PER_OWNER)
		return;
	free->record = *new;
	atomic_store(&free->count, 1);
}

size_t
error_buffer_read(struct error_buffer_slot *slots, size_t n,
    struct error_reading *readings, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < n * ERROR_BUFFER_ENTRIES && found < max; i++) {
		struct error_entry *e = &slots[i / ERROR_BUFFER_ENTRIES]
					     .entries[i % ERROR_BUFFER_ENTRIES];
		uint64_t count = atomic_load(&e->count);

		if (count)
			readings[found++] =
			    (struct error_reading){ e, count, e->record };
	}
	return found;
}

void
error_buffer_drop(const struct error_reading *readings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		atomic_fetch_sub(&readings[i].entry->count, readings[i].count);
}
