/*
 * The board. It is a file, so that what a killed worker had counted is still
 * there, and so that `io7 status` can read it beside the running server.
 */
#include "lib/shm/scoreboard.h"

#include "lib/os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "io7board";

enum {
	LAYOUT = sizeof(struct scoreboard_head) + sizeof(struct scoreboard_slot)
};

static const char *const stage_names[] = {
	[STAGE_VACANT] = "vacant",
	[STAGE_STARTING] = "starting",
	[STAGE_IDLE] = "idle",
	[STAGE_READING] = "reading",
	[STAGE_WORKING] = "working",
	[STAGE_WRITING] = "writing",
	[STAGE_LEAVING] = "leaving",
};

_Static_assert(ARRAY_LEN(stage_names) == STAGE_COUNT, "a name a stage");

const char *
scoreboard_stage_name(enum scoreboard_stage stage)
{
	return (unsigned)stage < STAGE_COUNT ? stage_names[stage] : "?";
}

static size_t
scoreboard_bytes(size_t slots)
{
	return sizeof(struct scoreboard_head) +
	    slots * sizeof(struct scoreboard_slot);
}

/*
 * More than the file holds is mapped, so that all who have it mapped see it
 * grow; what is behind its end is not touched.
 */
static bool
map(struct scoreboard *b, int protection)
{
	void *at = mmap(NULL, scoreboard_bytes(SCOREBOARD_SLOTS_MAX),
	    protection, MAP_SHARED, b->fd, 0);

	if (at == MAP_FAILED)
		return false;
	b->head = at;
	b->slots = (struct scoreboard_slot *)(b->head + 1);
	return true;
}

/*
 * A lock of this process alone: forked workers have no part in it, so that it
 * ends with the supervisor, however that ends.
 */
static bool
hold(int fd)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_SETLK, &all) == 0)
		return true;
	errno = EADDRINUSE;
	return false;
}

static void
close_keeping_errno(int fd)
{
	int was = errno;

	if (fd >= 0)
		close(fd);
	errno = was;
}

/* Its room is taken up at once, or a full disk would end a worker by SIGBUS. */
static bool
take_room(int fd, size_t slots)
{
	int rc = posix_fallocate(fd, 0, (off_t)scoreboard_bytes(slots));

	errno = rc;
	return rc == 0;
}

/* They are ready before anybody is told of them. */
static void
begin_slots(struct scoreboard *b, size_t n)
{
	for (size_t i = b->head->slots; i < n; i++) {
		b->slots[i].pool = SCOREBOARD_NO_POOL;
		b->slots[i].route = -1;
	}
	b->head->slots = (uint32_t)n;
}

static bool
make(struct scoreboard *b, const char *path, size_t slots, uint64_t routes)
{
	b->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (b->fd < 0)
		return false;
	if (!hold(b->fd) || !take_room(b->fd, slots) ||
	    !map(b, PROT_READ | PROT_WRITE)) {
		close_keeping_errno(b->fd);
		return false;
	}
	memcpy(b->head->magic, magic, sizeof(magic));
	b->head->layout = LAYOUT;
	b->head->supervisor = (int32_t)getpid();
	b->head->started_ns = clock_mono_ns();
	b->head->routes = routes;
	begin_slots(b, slots);
	return true;
}

/*
 * The old file is replaced and not truncated: a reader that still has it
 * mapped would be ended by SIGBUS.
 */
bool
scoreboard_create(struct scoreboard *b, const char *path, size_t slots,
    uint64_t routes)
{
	int old = open(path, O_RDWR | O_CLOEXEC);
	char fresh[256];
	bool ok;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	ok = (old < 0 || hold(old)) && make(b, fresh, slots, routes);
	if (ok && rename(fresh, path) < 0) {
		scoreboard_close(b);
		ok = false;
	}
	close_keeping_errno(old);
	return ok;
}

bool
scoreboard_grow(struct scoreboard *b, size_t slots)
{
	if (slots > SCOREBOARD_SLOTS_MAX) {
		errno = ENOSPC;
		return false;
	}
	if (!take_room(b->fd, slots))
		return false;
	begin_slots(b, slots);
	return true;
}

static struct scoreboard_slot *
first_of_pool(const struct scoreboard *b, uint32_t pool)
{
	for (size_t i = 0; i < scoreboard_slots(b); i++)
		if (b->slots[i].pool == pool)
			return &b->slots[i];
	return NULL;
}

static void
fold_counters(scoreboard_counter *to, const scoreboard_counter *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		scoreboard_add(&to[i], scoreboard_get(&from[i]));
}

void
scoreboard_fold(struct scoreboard *b, const struct scoreboard *older)
{
	bool same_routes = b->head->routes == older->head->routes;

	fold_counters(&b->head->respawns, &older->head->respawns, 1);
	fold_counters(&b->head->storms, &older->head->storms, 1);
	for (size_t i = 0; i < scoreboard_slots(older); i++) {
		const struct scoreboard_slot *from = &older->slots[i];
		struct scoreboard_slot *to = from->pool == SCOREBOARD_NO_POOL
		    ? NULL
		    : first_of_pool(b, from->pool);

		if (!to)
			continue;
		fold_counters(&to->requests, &from->requests, 1);
		fold_counters(to->by_class, from->by_class, SCOREBOARD_CLASSES);
		fold_counters(&to->bytes_in, &from->bytes_in, 1);
		fold_counters(&to->bytes_out, &from->bytes_out, 1);
		fold_counters(&to->micros, &from->micros, 1);
		fold_counters(to->latency, from->latency, SCOREBOARD_BUCKETS);
		if (same_routes)
			fold_counters(to->by_route, from->by_route,
			    SCOREBOARD_ROUTES);
	}
}

static bool
is_board(const struct scoreboard_head *head, size_t bytes)
{
	return memcmp(head->magic, magic, sizeof(magic)) == 0 &&
	    head->layout == LAYOUT && scoreboard_bytes(head->slots) <= bytes;
}

bool
scoreboard_open(struct scoreboard *b, const char *path)
{
	struct stat st;

	b->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (b->fd < 0)
		return false;
	if (fstat(b->fd, &st) < 0 || st.st_size < (off_t)scoreboard_bytes(0) ||
	    !map(b, PROT_READ)) {
		close(b->fd);
		errno = EINVAL;
		return false;
	}
	if (!is_board(b->head, (size_t)st.st_size)) {
		scoreboard_close(b);
		errno = EINVAL;
		return false;
	}
	return true;
}

void
scoreboard_let_go(const struct scoreboard *b)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	fcntl(b->fd, F_SETLK, &all);
}

void
scoreboard_remove(const struct scoreboard *b, const char *path)
{
	struct stat mine, there;

	if (fstat(b->fd, &mine) == 0 && stat(path, &there) == 0 &&
	    mine.st_dev == there.st_dev && mine.st_ino == there.st_ino)
		unlink(path);
}

void
scoreboard_close(struct scoreboard *b)
{
	munmap(b->head, scoreboard_bytes(SCOREBOARD_SLOTS_MAX));
	close_keeping_errno(b->fd);
	*b = (struct scoreboard){ .fd = -1 };
}

void
scoreboard_enter(struct scoreboard_slot *slot, enum scoreboard_stage stage,
    int route)
{
	slot->route = route;
	slot->since_ns = clock_mono_ns();
	slot->stage = stage;
}

static unsigned
bucket_of(uint64_t micros)
{
	unsigned bits = micros ? 64 - (unsigned)__builtin_clzll(micros) : 0;

	return bits < SCOREBOARD_BUCKETS ? bits : SCOREBOARD_BUCKETS - 1;
}

void
scoreboard_count(struct scoreboard_slot *slot,
    const struct scoreboard_request *done)
{
	int class = done->status / 100;

	if (class < 0 || class >= SCOREBOARD_CLASSES)
		class = 0;
	scoreboard_add(&slot->requests, 1);
	scoreboard_add(&slot->by_class[class], 1);
	scoreboard_add(&slot->bytes_in, done->bytes_in);
	scoreboard_add(&slot->bytes_out, done->bytes_out);
	scoreboard_add(&slot->micros, done->micros);
	scoreboard_add(&slot->latency[bucket_of(done->micros)], 1);
	if (done->route >= 0 && done->route < SCOREBOARD_ROUTES)
		scoreboard_add(&slot->by_route[done->route], 1);
}

void
scoreboard_vacate(struct scoreboard_slot *slot)
{
	slot->pid = 0;
	slot->request_ns = 0;
	slot->holder = 0;
	scoreboard_enter(slot, STAGE_VACANT, -1);
}
