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
tally_bytes(size_t slots)
{
	return sizeof(struct tally_head) + slots * sizeof(struct tally_slot);
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
map(struct tally *t)
{
	void *at = mmap(NULL, tally_bytes(TALLY_SLOTS_MAX),
	    PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);

	if (at == MAP_FAILED)
		return false;
	t->head = at;
	t->slots = (struct tally_slot *)(t->head + 1);
	return true;
}

/* Its room is taken up at once, or a full disk would end a writer by SIGBUS. */
static bool
take_room(int fd, size_t slots)
{
	int rc = posix_fallocate(fd, 0, (off_t)tally_bytes(slots));

	errno = rc;
	return rc == 0;
}

static bool
name_file(struct tally *t, const char *stem, uint8_t id[TALLY_ID])
{
	size_t n = strlen(stem);

	if (n + 1 + (size_t)2 * TALLY_ID >= sizeof(t->path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (getrandom(id, TALLY_ID, 0) != TALLY_ID)
		return false;
	snprintf(t->path, sizeof(t->path), "%s.", stem);
	for (size_t i = 0; i < TALLY_ID; i++)
		snprintf(t->path + n + 1 + 2 * i, 3, "%02x", id[i]);
	return true;
}

/* It gets its name when it is complete, and locked. */
bool
tally_create(struct tally *t, const char *stem, size_t slots)
{
	uint8_t id[TALLY_ID];
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
		t->head->layout = sizeof(struct tally_slot);
		t->head->batch_rows = TALLY_BATCH;
		t->head->slots = (uint32_t)slots;
		if (rename(fresh, t->path) == 0)
			return true;
		munmap(t->head, tally_bytes(TALLY_SLOTS_MAX));
	}
	was = errno;
	close(t->fd);
	errno = was;
	return false;
}

bool
tally_grow(struct tally *t, size_t slots)
{
	if (slots > TALLY_SLOTS_MAX) {
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
	struct tally_head head;
	struct stat st;

	return fstat(fd, &st) == 0 &&
	    pread(fd, &head, sizeof(head), 0) == sizeof(head) &&
	    memcmp(head.magic, magic, sizeof(magic)) == 0 &&
	    head.layout == sizeof(struct tally_slot) &&
	    head.batch_rows == TALLY_BATCH && head.slots <= TALLY_SLOTS_MAX &&
	    (off_t)tally_bytes(head.slots) <= st.st_size;
}

enum tally_state
tally_open(struct tally *t, const char *path)
{
	enum tally_state state = TALLY_BUSY;

	snprintf(t->path, sizeof(t->path), "%s", path);
	t->fd = open(path, O_RDWR | O_CLOEXEC);
	if (t->fd < 0)
		return TALLY_BUSY;
	if (lock_byte(t->fd, F_WRLCK, BYTE_OF_FLUSHER)) {
		if (!is_ours(t->fd))
			state = TALLY_FOREIGN;
		else if (map(t))
			return TALLY_OPEN;
	}
	close(t->fd);
	return state;
}

void
tally_close(struct tally *t)
{
	munmap(t->head, tally_bytes(TALLY_SLOTS_MAX));
	close(t->fd);
	*t = (struct tally){ .fd = -1 };
}

bool
tally_is_left(const struct tally *t)
{
	return lock_byte(t->fd, F_WRLCK, BYTE_OF_WRITERS);
}

/* --- The writer ---------------------------------------------------------- */

static const struct tally_copy *
own_copy(const struct tally_entry *e)
{
	return &e->copies[e->seq & 1];
}

/* The fence keeps a reader of the last copy from seeing bits of this one. */
static void
turn_over(struct tally_entry *e, const struct tally_copy *copy)
{
	uint64_t seq = e->seq + 1;

	atomic_thread_fence(memory_order_release);
	e->copies[seq & 1] = *copy;
	atomic_store_explicit(&e->seq, seq, memory_order_release);
}

static bool
is_written_down(const struct tally_entry *e, const struct tally_copy *copy)
{
	for (size_t i = 0; i < TALLY_COUNTERS; i++)
		if (e->flushed[i] != copy->counts[i])
			return false;
	return true;
}

static size_t
place_of(const uint8_t name[TALLY_NAME])
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < TALLY_NAME; i++)
		hash = (hash ^ name[i]) * 16777619;
	return hash % TALLY_ENTRIES;
}

struct tally_entry *
tally_enter(struct tally_slot *slot, const uint8_t name[TALLY_NAME])
{
	struct tally_entry *spare = NULL;
	struct tally_copy copy;
	size_t at = place_of(name);

	for (size_t i = 0; i < TALLY_ENTRIES; i++) {
		struct tally_entry *e =
		    &slot->entries[(at + i) % TALLY_ENTRIES];

		if (memcmp(own_copy(e)->name, name, TALLY_NAME) == 0)
			return e;
		if (!spare && is_written_down(e, own_copy(e)))
			spare = e;
	}
	if (spare) {
		copy = *own_copy(spare);
		memcpy(copy.name, name, TALLY_NAME);
		turn_over(spare, &copy);
	}
	return spare;
}

void
tally_add(struct tally_entry *e, const uint64_t counts[TALLY_COUNTERS])
{
	struct tally_copy copy = *own_copy(e);

	for (size_t i = 0; i < TALLY_COUNTERS; i++)
		copy.counts[i] += counts[i];
	turn_over(e, &copy);
}

/* --- The flusher --------------------------------------------------------- */

static struct tally_copy
read_copy(const struct tally_entry *e)
{
	struct tally_copy copy;
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
plan(struct tally_entry *e, bool has_room)
{
	struct tally_copy copy = read_copy(e);
	bool is_more = false;

	for (size_t i = 0; i < TALLY_COUNTERS; i++) {
		set(&e->pending[i], has_room ? copy.counts[i] : e->flushed[i]);
		is_more = is_more || e->pending[i] != e->flushed[i];
	}
	return is_more;
}

/* An entry with something pending keeps its name. */
static bool
take(const struct tally_entry *e, struct tally_row *row)
{
	bool is_some = false;

	for (size_t i = 0; i < TALLY_COUNTERS; i++) {
		row->counts[i] = e->pending[i] - e->flushed[i];
		is_some = is_some || row->counts[i];
	}
	if (is_some)
		memcpy(row->name, read_copy(e).name, TALLY_NAME);
	return is_some;
}

static size_t
entries_of(const struct tally *t)
{
	return (size_t)t->head->slots * TALLY_ENTRIES;
}

static struct tally_entry *
entry_at(const struct tally *t, size_t i)
{
	return &t->slots[i / TALLY_ENTRIES].entries[i % TALLY_ENTRIES];
}

static void
plan_batch(struct tally *t)
{
	size_t planned = 0;

	for (size_t i = 0; i < entries_of(t); i++)
		planned += plan(entry_at(t, i), planned < TALLY_BATCH);
	if (planned)
		t->head->begun++;
}

static size_t
take_batch(const struct tally *t, struct tally_row rows[TALLY_BATCH])
{
	size_t n = 0;

	for (size_t i = 0; i < entries_of(t) && n < TALLY_BATCH; i++)
		n += take(entry_at(t, i), &rows[n]);
	return n;
}

/* One that was noted as written down, but not to its end, has no rows left. */
size_t
tally_begin(struct tally *t, struct tally_row rows[TALLY_BATCH])
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
tally_batch(const struct tally *t)
{
	return t->head->begun;
}

void
tally_settle(struct tally *t)
{
	for (size_t i = 0; i < entries_of(t); i++) {
		struct tally_entry *e = entry_at(t, i);

		for (size_t c = 0; c < TALLY_COUNTERS; c++)
			set(&e->flushed[c], e->pending[c]);
	}
	t->head->settled = t->head->begun;
}

void
tally_remove(const struct tally *t)
{
	if (t->head->begun != t->head->settled)
		return;
	for (size_t i = 0; i < entries_of(t); i++)
		if (!is_written_down(entry_at(t, i), own_copy(entry_at(t, i))))
			return;
	unlink(t->path);
}
