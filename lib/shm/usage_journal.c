/*
 * The tally. Each entry has two copies: the writer fills the one that does not
 * hold, and turns over with one store, so a death in between leaves the other
 * one whole. The counters are never set back; the flusher notes up to where
 * they are written down, and an entry may change its name when that is all.
 *
 * What keeps the file: every process forked from its maker shares one open
 * description, and that holds a lock on its first byte. Who flushes it has
 * opened it anew and locks the second.
 */
#include "lib/shm/usage_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "io7tally";

enum { BYTE_OF_WRITERS, BYTE_OF_FLUSHER };

/* --- The file ------------------------------------------------------------ */

static size_t
usage_journal_bytes(size_t slots)
{
	return sizeof(struct usage_journal_head) +
	    slots * sizeof(struct usage_journal_slot);
}

/* A lock of the open description, not of the process. */
static bool
lock_byte(int fd, short type, off_t byte)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* More than the file holds: what it grows by is seen by all. */
static bool
map(struct usage_journal *t)
{
	void *at = mmap(NULL, usage_journal_bytes(USAGE_JOURNAL_SLOTS_MAX),
	    PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);

	if (at == MAP_FAILED)
		return false;
	t->head = at;
	t->slots = (struct usage_journal_slot *)(t->head + 1);
	return true;
}

/* Its room is taken up at once, or a full disk would end a writer by SIGBUS. */
static bool
take_room(int fd, size_t slots)
{
	int rc = posix_fallocate(fd, 0, (off_t)usage_journal_bytes(slots));

	errno = rc;
	return rc == 0;
}

static bool
name_file(struct usage_journal *t, const char *stem,
    uint8_t id[USAGE_JOURNAL_ID])
{
	size_t n = strlen(stem);

	if (n + 1 + (size_t)2 * USAGE_JOURNAL_ID >= sizeof(t->path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (getrandom(id, USAGE_JOURNAL_ID, 0) != USAGE_JOURNAL_ID)
		return false;
	snprintf(t->path, sizeof(t->path), "%s.", stem);
	for (size_t i = 0; i < USAGE_JOURNAL_ID; i++)
		snprintf(t->path + n + 1 + 2 * i, 3, "%02x", id[i]);
	return true;
}

/* It gets its name when it is complete, and locked. */
bool
usage_journal_create(struct usage_journal *t, const char *stem, size_t slots)
{
	uint8_t id[USAGE_JOURNAL_ID];
	char fresh[sizeof(t->path) + 8];
	int was;

	if (!name_file(t, stem, id))
		return false;
	snprintf(fresh, sizeof(fresh), "%s.new", stem);
	unlink(fresh);
	t->fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (t->fd < 0)
		return false;
	if (lock_byte(t->fd, F_RDLCK, BYTE_OF_WRITERS) &&
	    take_room(t->fd, slots) && map(t)) {
		memcpy(t->head->magic, magic, sizeof(magic));
		memcpy(t->head->id, id, sizeof(id));
		t->head->layout = sizeof(struct usage_journal_slot);
		t->head->batch_rows = USAGE_JOURNAL_BATCH;
		t->head->slots = (uint32_t)slots;
		if (rename(fresh, t->path) == 0)
			return true;
		munmap(t->head, usage_journal_bytes(USAGE_JOURNAL_SLOTS_MAX));
	}
	was = errno;
	close(t->fd);
	errno = was;
	return false;
}

bool
usage_journal_grow(struct usage_journal *t, size_t slots)
{
	if (slots > USAGE_JOURNAL_SLOTS_MAX) {
		errno = ENOSPC;
		return false;
	}
	if (!take_room(t->fd, slots))
		return false;
	t->head->slots = (uint32_t)slots;
	return true;
}

static bool
is_ours(int fd)
{
	struct usage_journal_head head;
	struct stat st;

	return fstat(fd, &st) == 0 &&
	    pread(fd, &head, sizeof(head), 0) == sizeof(head) &&
	    memcmp(head.magic, magic, sizeof(magic)) == 0 &&
	    head.layout == sizeof(struct usage_journal_slot) &&
	    head.batch_rows == USAGE_JOURNAL_BATCH &&
	    head.slots <= USAGE_JOURNAL_SLOTS_MAX &&
	    (off_t)usage_journal_bytes(head.slots) <= st.st_size;
}

enum usage_journal_state
usage_journal_open(struct usage_journal *t, const char *path)
{
	enum usage_journal_state state = USAGE_JOURNAL_BUSY;

	snprintf(t->path, sizeof(t->path), "%s", path);
	t->fd = open(path, O_RDWR | O_CLOEXEC);
	if (t->fd < 0)
		return USAGE_JOURNAL_BUSY;
	if (lock_byte(t->fd, F_WRLCK, BYTE_OF_FLUSHER)) {
		if (!is_ours(t->fd))
			state = USAGE_JOURNAL_FOREIGN;
		else if (map(t))
			return USAGE_JOURNAL_OPEN;
	}
	close(t->fd);
	return state;
}

void
usage_journal_close(struct usage_journal *t)
{
	munmap(t->head, usage_journal_bytes(USAGE_JOURNAL_SLOTS_MAX));
	close(t->fd);
	*t = (struct usage_journal){ .fd = -1 };
}

bool
usage_journal_is_left(const struct usage_journal *t)
{
	return lock_byte(t->fd, F_WRLCK, BYTE_OF_WRITERS);
}

/* --- The writer ---------------------------------------------------------- */

static const struct usage_journal_copy *
own_copy(const struct usage_journal_entry *e)
{
	return &e->copies[e->seq & 1];
}

/* The fence keeps a reader of the last copy from seeing bits of this one. */
static void
turn_over(struct usage_journal_entry *e, const struct usage_journal_copy *copy)
{
	uint64_t seq = e->seq + 1;

	atomic_thread_fence(memory_order_release);
	e->copies[seq & 1] = *copy;
	atomic_store_explicit(&e->seq, seq, memory_order_release);
}

static bool
is_written_down(const struct usage_journal_entry *e,
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
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < USAGE_JOURNAL_NAME; i++)
		hash = (hash ^ name[i]) * 16777619;
	return hash % USAGE_JOURNAL_ENTRIES;
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

		if (memcmp(own_copy(e)->name, name, USAGE_JOURNAL_NAME) == 0)
			return e;
		if (!spare && is_written_down(e, own_copy(e)))
			spare = e;
	}
	if (spare) {
		copy = *own_copy(spare);
		memcpy(copy.name, name, USAGE_JOURNAL_NAME);
		turn_over(spare, &copy);
	}
	return spare;
}

void
usage_journal_add(struct usage_journal_entry *e,
    const uint64_t counts[USAGE_JOURNAL_COUNTERS])
{
	struct usage_journal_copy copy = *own_copy(e);

	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++)
		copy.counts[i] += counts[i];
	turn_over(e, &copy);
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

static void
set(_Atomic uint64_t *to, uint64_t n)
{
	if (*to != n)
		atomic_store_explicit(to, n, memory_order_relaxed);
}

/* What this batch is to bring: all of it, or nothing where it is full. */
static bool
plan(struct usage_journal_entry *e, bool has_room)
{
	struct usage_journal_copy copy = read_copy(e);
	bool is_more = false;

	for (size_t i = 0; i < USAGE_JOURNAL_COUNTERS; i++) {
		set(&e->pending[i], has_room ? copy.counts[i] : e->flushed[i]);
		is_more = is_more || e->pending[i] != e->flushed[i];
	}
	return is_more;
}

/* An entry with something pending keeps its name. */
static bool
take(const struct usage_journal_entry *e, struct usage_journal_row *row)
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
entries_of(const struct usage_journal *t)
{
	return (size_t)t->head->slots * USAGE_JOURNAL_ENTRIES;
}

static struct usage_journal_entry *
entry_at(const struct usage_journal *t, size_t i)
{
	return &t->slots[i / USAGE_JOURNAL_ENTRIES]
		    .entries[i % USAGE_JOURNAL_ENTRIES];
}

static void
plan_batch(struct usage_journal *t)
{
	size_t planned = 0;

	for (size_t i = 0; i < entries_of(t); i++)
		planned += plan(entry_at(t, i), planned < USAGE_JOURNAL_BATCH);
	if (planned)
		t->head->begun++;
}

static size_t
take_batch(const struct usage_journal *t,
    struct usage_journal_row rows[USAGE_JOURNAL_BATCH])
{
	size_t n = 0;

	for (size_t i = 0; i < entries_of(t) && n < USAGE_JOURNAL_BATCH; i++)
		n += take(entry_at(t, i), &rows[n]);
	return n;
}

/* One that was noted as written down, but not to its end, has no rows left. */
size_t
usage_journal_begin(struct usage_journal *t,
    struct usage_journal_row rows[USAGE_JOURNAL_BATCH])
{
	size_t n = 0;

	if (t->head->begun != t->head->settled)
		n = take_batch(t, rows);
	if (n)
		return n;
	t->head->settled = t->head->begun;
	plan_batch(t);
	return t->head->begun == t->head->settled ? 0 : take_batch(t, rows);
}

uint64_t
usage_journal_batch(const struct usage_journal *t)
{
	return t->head->begun;
}

void
usage_journal_settle(struct usage_journal *t)
{
	for (size_t i = 0; i < entries_of(t); i++) {
		struct usage_journal_entry *e = entry_at(t, i);

		for (size_t c = 0; c < USAGE_JOURNAL_COUNTERS; c++)
			set(&e->flushed[c], e->pending[c]);
	}
	t->head->settled = t->head->begun;
}

void
usage_journal_remove(const struct usage_journal *t)
{
	if (t->head->begun != t->head->settled)
		return;
	for (size_t i = 0; i < entries_of(t); i++)
		if (!is_written_down(entry_at(t, i), own_copy(entry_at(t, i))))
			return;
	unlink(t->path);
}
