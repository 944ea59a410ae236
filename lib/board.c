/*
 * The board. It is a file, so that what a killed worker had counted is still
 * there, and so that `io7 status` can read it beside the running server.
 */
#include "lib/board.h"

#include "lib/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "io7board";

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
board_stage_name(enum board_stage stage)
{
	return (unsigned)stage < STAGE_COUNT ? stage_names[stage] : "?";
}

static size_t
board_bytes(size_t slots)
{
	return sizeof(struct board_head) + slots * sizeof(struct board_slot);
}

static bool
map(struct board *b, int fd, size_t slots, int protection)
{
	void *at =
	    mmap(NULL, board_bytes(slots), protection, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return false;
	b->head = at;
	b->slots = (struct board_slot *)(b->head + 1);
	b->n = slots;
	return true;
}

/*
 * The old file is unlinked and not truncated: a reader that still has it
 * mapped would be ended by SIGBUS. Its room is taken up at once, or a full
 * disk would do the same to a worker later.
 */
bool
board_create(struct board *b, const char *path, size_t slots)
{
	int fd, rc;
	bool ok;

	if (unlink(path) < 0 && errno != ENOENT)
		return false;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	rc = posix_fallocate(fd, 0, (off_t)board_bytes(slots));
	if (rc != 0) {
		close(fd);
		errno = rc;
		return false;
	}
	ok = map(b, fd, slots, PROT_READ | PROT_WRITE);
	close(fd);
	if (!ok)
		return false;
	memcpy(b->head->magic, magic, sizeof(magic));
	b->head->layout = sizeof(struct board_slot);
	b->head->slots = (uint32_t)slots;
	b->head->supervisor = (int32_t)getpid();
	b->head->started_ns = clock_mono_ns();
	return true;
}

static bool
is_board(const struct board_head *head, size_t bytes)
{
	return memcmp(head->magic, magic, sizeof(magic)) == 0 &&
	    head->layout == sizeof(struct board_slot) &&
	    board_bytes(head->slots) == bytes;
}

bool
board_open(struct board *b, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t bytes;
	bool ok = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)board_bytes(0)) {
		bytes = (size_t)st.st_size;
		ok = map(b, fd,
		    (bytes - board_bytes(0)) / sizeof(struct board_slot),
		    PROT_READ);
		if (ok && !is_board(b->head, bytes)) {
			board_close(b);
			ok = false;
		}
	}
	close(fd);
	if (!ok)
		errno = EINVAL;
	return ok;
}

void
board_close(struct board *b)
{
	munmap(b->head, board_bytes(b->n));
	*b = (struct board){ 0 };
}

void
board_enter(struct board_slot *slot, enum board_stage stage, int route)
{
	slot->route = route;
	slot->since_ns = clock_mono_ns();
	slot->stage = stage;
}

static unsigned
bucket_of(uint64_t micros)
{
	unsigned bits = micros ? 64 - (unsigned)__builtin_clzll(micros) : 0;

	return bits < BOARD_BUCKETS ? bits : BOARD_BUCKETS - 1;
}

void
board_count(struct board_slot *slot, const struct board_request *done)
{
	int class = done->status / 100;

	if (class < 0 || class >= BOARD_CLASSES)
		class = 0;
	board_add(&slot->requests, 1);
	board_add(&slot->by_class[class], 1);
	board_add(&slot->bytes_in, done->bytes_in);
	board_add(&slot->bytes_out, done->bytes_out);
	board_add(&slot->micros, done->micros);
	board_add(&slot->latency[bucket_of(done->micros)], 1);
	if (done->route >= 0 && done->route < BOARD_ROUTES)
		board_add(&slot->by_route[done->route], 1);
}

void
board_vacate(struct board_slot *slot)
{
	slot->pid = 0;
	slot->request_ns = 0;
	board_enter(slot, STAGE_VACANT, -1);
}
