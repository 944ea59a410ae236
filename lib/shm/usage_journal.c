/*
 * Each entry has two copies. The writer fills the copy that is not valid and
 * makes it valid with one store, so that a killed writer leaves the other copy
 * whole. Counters are never reset: the flusher records how far they are stored,
 * and an entry whose counters are all stored may be given another name.
 *
 * Two locks show which processes use the file. The processes forked from its
 * creator share one open file, which holds a lock on the first byte. A flusher
 * opens the file itself and locks the second byte.
 */
#include "lib/shm/usage_journal.h"

#include "lib/base/fnv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

/* Files keep the magic that earlier versions wrote. */
static const struct shared_mark mark = {
	.magic = "io7tally",
	.layout = sizeof(struct usage_journal_slot),
};

enum { BYTE_OF_WRITERS, BYTE_OF_FLUSHER };

static const struct shared_lock by_writers = { F_OFD_SETLK, F_RDLCK,
	BYTE_OF_WRITERS, 1 };
static const struct shared_lock without_writers = { F_OFD_SETLK, F_WRLCK,
	BYTE_OF_WRITERS, 1 };
static const struct shared_lock by_flusher = { F_OFD_SETLK, F_WRLCK,
	BYTE_OF_FLUSHER, 1 };

/* --- The file ------------------------------------------------------------ */

static size_t
bytes_of(size_t slots)
{
	return sizeof(struct usage_journal_head) +
	    slots * sizeof(struct usage_journal_slot);
}

static void
set_pointers(struct usage_journal *j)
{
	j->head = j->file.at;
	j->slots = (struct usage_journal_slot *)(j->head + 1);
}

static bool
name_file(struct usage_journal *j, const char *stem,
    uint8_t id[USAGE_JOURNAL_ID])
{
	size_t n = strlen(stem);

	if (n + 1 + (size_t)2 * USAGE_JOURNAL_ID >= sizeof(j->path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (getrandom(id, USAGE_JOURNAL_ID, 0) != USAGE_JOURNAL_ID)
		return false;
	snprintf(j->path, sizeof(j->path), "%s.", stem);
	for (size_t i = 0; i < USAGE_JOURNAL_ID; i++)
		snprintf(j->path + n + 1 + 2 * i, 3, "%02x", id[i]);
	return true;
}

bool
usage_journal_create(struct usage_journal *j, const char *stem, size_t slots)
{
	uint8_t id[USAGE_JOURNAL_ID];
	char temporary[sizeof(j->path) + 8];

	if (!name_file(j, stem, id))
		return false;
	snprintf(temporary, sizeof(temporary), "%s.new", stem);
	if (!shared_file_create(&j->file, temporary, &by_writers,
		bytes_of(slots), bytes_of(USAGE_JOURNAL_SLOTS_MAX)))
		return false;
	set_pointers(j);
	j->head->mark = mark;
	memcpy(j->head->id, id, sizeof(id));
	j->head->batch_rows = USAGE_JOURNAL_BATCH;
	j->head->slots = (uint32_t)slots;
	return shared_file_publish(&j->file, temporary, j->path);
}

bool
usage_journal_grow(struct usage_journal *j, size_t slots)
{
	if (!shared_file_grow(&j->file, bytes_of(slots)))
		return false;
	j->head->slots = (uint32_t)slots;
	return true;
}

static bool
is_journal(const struct usage_journal_head *head, size_t bytes)
{
	return bytes >= sizeof(*head) &&
	    memcmp(&head->mark, &mark, sizeof(mark)) == 0 &&
	    head->batch_rows == USAGE_JOURNAL_BATCH &&
	    bytes >= bytes_of(head->slots);
}

enum usage_journal_state
usage_journal_open(struct usage_journal *j, const char *path)
{
	enum usage_journal_state state = USAGE_JOURNAL_BUSY;
	size_t bytes;

	snprintf(j->path, sizeof(j->path), "%s", path);
	if (!shared_file_open(&j->file, path, true,
		bytes_of(USAGE_JOURNAL_SLOTS_MAX), &bytes))
		return USAGE_JOURNAL_BUSY;
	set_pointers(j);
	if (shared_file_lock(j->file.fd, &by_flusher))
		state = is_journal(j->head, bytes) ? USAGE_JOURNAL_OPEN
						   : USAGE_JOURNAL_FOREIGN;
	if (state != USAGE_JOURNAL_OPEN)
		shared_file_close(&j->file);
	return state;
}

void
usage_journal_close(struct usage_journal *j)
{
	shared_file_close(&j->file);
}

bool
usage_journal_is_left(const struct usage_journal *j)
{
	return shared_file_lock(j->file.fd, &without_writers);
}

/* --- The writer ---------------------------------------------------------- */

static const struct usage_journal_copy *
valid_copy(const struct usage_journal_entry *e)
{
	return &e->copies[e->seq & 1];
}

/*
 * The fence keeps a reader of the old copy from seeing bytes of the new one.
 */
static void
replace_copy(struct usage_journal_entry *e,
    const struct usage_journal_copy *copy)
{
	uint64_t seq = e->seq + 1;

	atomic_thread_fence(memory_order_release);
	e->copies[seq & 1] = *copy;
	atomic_store_explicit(&e->seq, seq, memory_order_release);
}

static bool
is_stored(const struct usage_journal_entry *e,
    const struct usage_journal_copy *copy)
{
	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++)
		if (e->flushed[i] != copy->counts[i])
			return false;
	return true;
}

static size_t
place_of(const uint8_t name[USAGE_JOURNAL_NAME])
{
	return fnv(FNV_START, name, USAGE_JOURNAL_NAME) % USAGE_JOURNAL_ENTRIES;
}

struct usage_journal_entry *
usage_journal_enter(struct usage_journal_slot *slot,
    const uint8_t name[USAGE_JOURNAL_NAME])
{
	struct usage_journal_entry *spare = NULL;
	struct usage_journal_copy copy;
	size_t at = place_of(name);

	for (size_t i = 0; i < USAGE_JOURNAL_ENTRIES; i++) {
		struct usage_journal_entry *e =
		    &slot->entries[(at + i) % USAGE_JOURNAL_ENTRIES];

		if (memcmp(valid_copy(e)->name, name, USAGE_JOURNAL_NAME) == 0)
			return e;
		if (!spare && is_stored(e, valid_copy(e)))
			spare = e;
	}
	if (spare) {
		copy = *valid_copy(spare);
		memcpy(copy.name, name, USAGE_JOURNAL_NAME);
		replace_copy(spare, &copy);
	}
	return spare;
}

void
usage_journal_add(struct usage_journal_entry *e,
    const uint64_t counts[USAGE_JOURNAL_COUNTERS])
{
	struct usage_journal_copy copy = *valid_copy(e);

	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++)
		copy.counts[i] += counts[i];
	replace_copy(e, &copy);
}

/* --- The flusher --------------------------------------------------------- */

static struct usage_journal_copy
read_copy(const struct usage_journal_entry *e)
{
	struct usage_journal_copy copy;
	uint64_t seq;

	do {
		seq = atomic_load_explicit(&e->seq, memory_order_acquire);
		copy = e->copies[seq & 1];
		atomic_thread_fence(memory_order_acquire);
	} while (e->seq != seq);
	return copy;
}

/* Writes only a new value, so that unchanged pages stay clean. */
static void
set(_Atomic uint64_t *to, uint64_t n)
{
	if (*to != n)
		atomic_store_explicit(to, n, memory_order_relaxed);
}

/* Adds all that is not stored yet to the batch, unless the batch is full. */
static bool
plan_entry(struct usage_journal_entry *e, bool has_room)
{
	struct usage_journal_copy copy = read_copy(e);
	bool is_more = false;

	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++) {
		set(&e->pending[i], has_room ? copy.counts[i] : e->flushed[i]);
		is_more = is_more || e->pending[i] != e->flushed[i];
	}
	return is_more;
}

/* The name cannot change while something is pending. */
static bool
take_row(const struct usage_journal_entry *e, struct usage_journal_row *row)
{
	bool is_some = false;

	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++) {
		row->counts[i] = e->pending[i] - e->flushed[i];
		is_some = is_some || row->counts[i];
	}
	if (is_some)
		memcpy(row->name, read_copy(e).name, USAGE_JOURNAL_NAME);
	return is_some;
}

static size_t
entries_of(const struct usage_journal *j)
{
	return (size_t)j->head->slots * USAGE_JOURNAL_ENTRIES;
}

static struct usage_journal_entry *
entry_at(const struct usage_journal *j, size_t i)
{
	return &j->slots[i / USAGE_JOURNAL_ENTRIES]
		    .entries[i % USAGE_JOURNAL_ENTRIES];
}

static void
plan_batch(struct usage_journal *j)
{
	size_t planned = 0;

	for (size_t i = 0; i < entries_of(j); i++)
		planned +=
		    plan_entry(entry_at(j, i), planned < USAGE_JOURNAL_BATCH);
	if (planned)
		j->head->begun++;
}

static size_t
take_batch(const struct usage_journal *j,
    struct usage_journal_row rows[USAGE_JOURNAL_BATCH])
{
	size_t n = 0;

	for (size_t i = 0; i < entries_of(j) && n < USAGE_JOURNAL_BATCH; i++)
		n += take_row(entry_at(j, i), &rows[n]);
	return n;
}

/*
 * If settling a batch was interrupted after its last row, it has no rows left
 * and counts as settled.
 */
size_t
usage_journal_begin(struct usage_journal *j,
    struct usage_journal_row rows[USAGE_JOURNAL_BATCH])
{
	size_t n = 0;

	if (j->head->begun != j->head->settled)
		n = take_batch(j, rows);
	if (n)
		return n;
	j->head->settled = j->head->begun;
	plan_batch(j);
	return j->head->begun == j->head->settled ? 0 : take_batch(j, rows);
}

uint64_t
usage_journal_batch(const struct usage_journal *j)
{
	return j->head->begun;
}

void
usage_journal_settle(struct usage_journal *j)
{
	for (size_t i = 0; i < entries_of(j); i++) {
		struct usage_journal_entry *e = entry_at(j, i);

		for (size_t c = 0; c < USAGE_JOURNAL_COUNTERS; c++)
			set(&e->flushed[c], e->pending[c]);
	}
	j->head->settled = j->head->begun;
}

void
usage_journal_remove(const struct usage_journal *j)
{
	if (j->head->begun != j->head->settled)
		return;
	for (size_t i = 0; i < entries_of(j); i++)
		if (!is_stored(entry_at(j, i), valid_copy(entry_at(j, i))))
			return;
	shared_file_remove(&j->file, j->path);
}
