/*
 * Epochs: one cache line of counters would be written by every change and read
 * by every request; changes are rare, so sharing lines costs nothing.
 */
#include "lib/shm/epoch.h"

#include <stdatomic.h>
#include <sys/mman.h>

struct epochs {
	_Atomic int64_t heard_ns; /* monotonic; 0: never */
	_Atomic uint64_t counters[EPOCHS];
};

struct epochs *
epochs_create(void)
{
	void *at = mmap(NULL, sizeof(struct epochs), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

void
epochs_close(struct epochs *epochs)
{
	munmap(epochs, sizeof(*epochs));
}

uint64_t
epoch_read(const struct epochs *epochs, uint8_t first_byte)
{
	return atomic_load(&epochs->counters[first_byte]);
}

void
epoch_bump(struct epochs *epochs, uint8_t first_byte)
{
	atomic_fetch_add(&epochs->counters[first_byte], 1);
}

void
epoch_bump_all(struct epochs *epochs)
{
	for (size_t i = 0; i < EPOCHS; i++)
		epoch_bump(epochs, (uint8_t)i);
}

void
epochs_heard(struct epochs *epochs, int64_t now_ns)
{
	atomic_store(&epochs->heard_ns, now_ns);
}

bool
epochs_are_current(const struct epochs *epochs, int64_t now_ns,
    int64_t max_age_ns)
{
	int64_t heard = atomic_load(&epochs->heard_ns);

	return heard && now_ns - heard < max_age_ns;
}
