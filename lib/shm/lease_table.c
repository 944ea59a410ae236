/*
 * Leases. Each slot has one atomic word: a version and the number of tokens.
 * The version is odd while a process writes the slot. A process that takes a
 * token copies the slot first and then exchanges the word; if the version has
 * changed in between, the exchange fails and the copy is discarded.
 */
#include "lib/shm/lease_table.h"

#include <stdatomic.h>
#include <sys/mman.h>

enum { WORDS = sizeof(struct lease) / sizeof(uint64_t), TRIES = 64 };

_Static_assert(sizeof(struct lease) % sizeof(uint64_t) == 0, "whole words");

/* The copy's own count of tokens is unused: `state` has it. */
struct lease_slot {
	_Atomic uint64_t state; /* version << 32 | tokens */
	_Atomic uint64_t copy[WORDS];
} __attribute__((aligned(128)));

#define ONE_VERSION (UINT64_C(1) << 32)

struct lease_table {
	struct lease_slot slots[LEASE_SLOTS];
};

struct lease_table *
lease_table_create(void)
{
	void *at = mmap(NULL, sizeof(struct lease_table),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

void
lease_table_close(struct lease_table *table)
{
	munmap(table, sizeof(*table));
}

static uint32_t
tokens_of(uint64_t state)
{
	return (uint32_t)state;
}

static bool
is_locked(uint64_t state)
{
	return state & ONE_VERSION;
}

/* The slots that a name may have, LEASE_WAYS of them. */
static struct lease_slot *
set_of(struct lease_table *table, const uint8_t name[LEASE_NAME])
{
	uint64_t words[LEASE_NAME / sizeof(uint64_t)], hash = 0;

	memcpy(words, name, sizeof(words));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return &table->slots[(hash >> 40) % (LEASE_SLOTS / LEASE_WAYS) *
	    LEASE_WAYS];
}

static void
copy_out(const struct lease_slot *slot, uint64_t state, struct lease *lease)
{
	uint64_t words[WORDS];

	for (size_t i = 0; i < WORDS; i++)
		words[i] =
		    atomic_load_explicit(&slot->copy[i], memory_order_relaxed);
	memcpy(lease, words, sizeof(words));
	lease->tokens = tokens_of(state);
}

static void
copy_in(struct lease_slot *slot, const struct lease *lease)
{
	uint64_t words[WORDS];

	memcpy(words, lease, sizeof(words));
	for (size_t i = 0; i < WORDS; i++)
		atomic_store_explicit(&slot->copy[i], words[i],
		    memory_order_relaxed);
}

/*
 * Reads the slot; false if it is being written, or has another name. The copy
 * is valid as long as the version in `state` stays the same.
 */
static bool
read_slot(struct lease_slot *slot, const uint8_t name[LEASE_NAME],
    uint64_t *state, struct lease *lease)
{
	*state = atomic_load_explicit(&slot->state, memory_order_acquire);
	if (is_locked(*state))
		return false;
	copy_out(slot, *state, lease);
	atomic_thread_fence(memory_order_acquire);
	return memcmp(lease->name, name, LEASE_NAME) == 0;
}

static bool
exchange(struct lease_slot *slot, uint64_t *state, uint64_t wanted)
{
	return atomic_compare_exchange_strong_explicit(&slot->state, state,
	    wanted, memory_order_acq_rel, memory_order_acquire);
}

bool
lease_table_take(struct lease_table *table, const uint8_t name[LEASE_NAME],
    int64_t now_ns, struct lease *lease)
{
	struct lease_slot *set = set_of(table, name);
	struct lease found;
	uint64_t state;

	lease->expires_ns = 0;
	for (size_t i = 0; i < LEASE_WAYS; i++) {
		while (read_slot(&set[i], name, &state, &found)) {
			*lease = found;
			if (!found.tokens || found.expires_ns <= now_ns)
				return false;
			if (!exchange(&set[i], &state, state - 1))
				continue; /* another process was faster */
			lease->tokens--;
			return true;
		}
	}
	return false;
}

/* Locks the slot if it still has that state. */
static bool
lock(struct lease_slot *slot, uint64_t state)
{
	return !is_locked(state) && exchange(slot, &state, state + ONE_VERSION);
}

/* No other process changes a locked slot, so a plain store is enough. */
static void
unlock(struct lease_slot *slot, uint64_t state, uint32_t tokens)
{
	uint64_t version = (state >> 32) + 2;

	atomic_store_explicit(&slot->state, version << 32 | tokens,
	    memory_order_release);
}

/* The slot of that name, or else one without tokens; NULL if there is none. */
static struct lease_slot *
find_place(struct lease_slot *set, const uint8_t name[LEASE_NAME],
    uint64_t *state, struct lease *old)
{
	struct lease_slot *empty = NULL;
	uint64_t empty_state = 0;

	for (size_t i = 0; i < LEASE_WAYS; i++) {
		if (read_slot(&set[i], name, state, old))
			return &set[i];
		if (!is_locked(*state) && tokens_of(*state) == 0) {
			empty = &set[i];
			empty_state = *state;
		}
	}
	*state = empty_state;
	old->tokens = 0;
	return empty;
}

bool
lease_table_add(struct lease_table *table, const struct lease *lease,
    int64_t now_ns, struct lease *expired)
{
	struct lease_slot *set = set_of(table, lease->name);

	expired->tokens = 0;
	for (int i = 0; i < TRIES; i++) {
		struct lease old;
		uint64_t state;
		struct lease_slot *slot =
		    find_place(set, lease->name, &state, &old);

		if (!slot || old.tokens > LEASE_TOKENS_MAX - lease->tokens)
			return false;
		if (!lock(slot, state))
			continue;
		if (old.tokens && old.expires_ns <= now_ns) {
			*expired = old;
			old.tokens = 0;
		}
		copy_in(slot, lease);
		unlock(slot, state, old.tokens + lease->tokens);
		return true;
	}
	return false;
}

size_t
lease_table_collect(struct lease_table *table, int64_t now_ns,
    struct lease *rows, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < LEASE_SLOTS && n < max; i++) {
		uint64_t state = atomic_load_explicit(&table->slots[i].state,
		    memory_order_acquire);

		if (is_locked(state) || tokens_of(state) == 0)
			continue;
		copy_out(&table->slots[i], state, &rows[n]);
		if (rows[n].expires_ns >= now_ns && now_ns != INT64_MAX)
			continue;
		/* If this fails, the lease is in use: the next call retries. */
		if (exchange(&table->slots[i], &state,
			state - tokens_of(state) + 2 * ONE_VERSION))
			n++;
	}
	return n;
}
