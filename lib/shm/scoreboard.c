/*
 * The scoreboard is a file, so that the counters of a killed worker survive it,
 * and so that `io7 status` can read them beside the running server.
 */
#include "lib/shm/scoreboard.h"

#include "lib/os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Files keep the magic that earlier versions wrote. */
static const struct shared_mark mark = {
	.magic = "io7board",
	.layout =
	    sizeof(struct scoreboard_head) + sizeof(struct scoreboard_slot),
};

/* Forked workers do not share this lock: it ends with the supervisor. */
static const struct shared_lock held = { F_SETLK, F_WRLCK, 0, 0 };
static const struct shared_lock released = { F_SETLK, F_UNLCK, 0, 0 };

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
bytes_of(size_t slots)
{
	return sizeof(struct scoreboard_head) +
	    slots * sizeof(struct scoreboard_slot);
}

static void
set_pointers(struct scoreboard *s)
{
	s->head = s->file.at;
	s->slots = (struct scoreboard_slot *)(s->head + 1);
}

/* New slots are complete before the head counts them. */
static void
begin_slots(struct scoreboard *s, size_t n)
{
	for (size_t i = s->head->slots; i < n; i++) {
		s->slots[i].pool = SCOREBOARD_NO_POOL;
		s->slots[i].route = -1;
	}
	s->head->slots = (uint32_t)n;
}

static bool
make(struct scoreboard *s, const char *path, size_t slots, uint64_t routes)
{
	char temporary[256];

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	if (!shared_file_create(&s->file, temporary, &held, bytes_of(slots),
		bytes_of(SCOREBOARD_SLOTS_MAX)))
		return false;
	set_pointers(s);
	s->head->mark = mark;
	s->head->supervisor = (int32_t)getpid();
	s->head->started_ns = clock_mono_ns();
	s->head->routes = routes;
	begin_slots(s, slots);
	return shared_file_publish(&s->file, temporary, path);
}

bool
scoreboard_create(struct scoreboard *s, const char *path, size_t slots,
    uint64_t routes)
{
	int old = open(path, O_RDWR | O_CLOEXEC), error;
	bool ok = (old < 0 || shared_file_lock(old, &held)) &&
	    make(s, path, slots, routes);

	if (old < 0)
		return ok;
	error = errno;
	close(old);
	errno = error;
	return ok;
}

bool
scoreboard_grow(struct scoreboard *s, size_t slots)
{
	if (!shared_file_grow(&s->file, bytes_of(slots)))
		return false;
	begin_slots(s, slots);
	return true;
}

static struct scoreboard_slot *
first_of_pool(const struct scoreboard *s, uint32_t pool)
{
	for (size_t i = 0; i < scoreboard_slots(s); i++)
		if (s->slots[i].pool == pool)
			return &s->slots[i];
	return NULL;
}

static void
fold_counters(scoreboard_counter *to, const scoreboard_counter *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		scoreboard_add(&to[i], scoreboard_get(&from[i]));
}

static void
fold_work(struct scoreboard_work *to, const struct scoreboard_work *from)
{
	fold_counters(to->ends, from->ends, END_COUNT);
	fold_counters(&to->micros, &from->micros, 1);
	fold_counters(&to->late, &from->late, 1);
}

void
scoreboard_fold(struct scoreboard *s, const struct scoreboard *older)
{
	bool same_routes = s->head->routes == older->head->routes;

	fold_counters(&s->head->respawns, &older->head->respawns, 1);
	fold_counters(&s->head->storms, &older->head->storms, 1);
	for (size_t i = 0; i < scoreboard_slots(older); i++) {
		const struct scoreboard_slot *from = &older->slots[i];
		struct scoreboard_slot *to = from->pool == SCOREBOARD_NO_POOL
		    ? NULL
		    : first_of_pool(s, from->pool);

		if (!to)
			continue;
		fold_counters(&to->requests, &from->requests, 1);
		fold_counters(to->by_class, from->by_class, SCOREBOARD_CLASSES);
		fold_counters(&to->bytes_in, &from->bytes_in, 1);
		fold_counters(&to->bytes_out, &from->bytes_out, 1);
		fold_counters(&to->micros, &from->micros, 1);
		fold_counters(to->latency, from->latency, SCOREBOARD_BUCKETS);
		if (!same_routes)
			continue;
		fold_counters(to->by_route, from->by_route, SCOREBOARD_ROUTES);
		for (size_t k = 0; k < SCOREBOARD_KINDS; k++)
			fold_work(&to->work[k], &from->work[k]);
	}
}

static bool
is_scoreboard(const struct scoreboard_head *head, size_t bytes)
{
	return bytes >= sizeof(*head) &&
	    memcmp(&head->mark, &mark, sizeof(mark)) == 0 &&
	    bytes >= bytes_of(head->slots);
}

bool
scoreboard_open(struct scoreboard *s, const char *path)
{
	size_t bytes;

	if (!shared_file_open(&s->file, path, false,
		bytes_of(SCOREBOARD_SLOTS_MAX), &bytes))
		return false;
	set_pointers(s);
	if (is_scoreboard(s->head, bytes))
		return true;
	shared_file_close(&s->file);
	errno = EINVAL;
	return false;
}

void
scoreboard_let_go(const struct scoreboard *s)
{
	(void)!shared_file_lock(s->file.fd, &released);
}

void
scoreboard_remove(const struct scoreboard *s, const char *path)
{
	shared_file_remove(&s->file, path);
}

void
scoreboard_close(struct scoreboard *s)
{
	shared_file_close(&s->file);
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
scoreboard_count_work(struct scoreboard_slot *slot,
    const struct scoreboard_attempt *ended)
{
	struct scoreboard_work *work = &slot->work[ended->kind];

	scoreboard_add(&work->ends[ended->end], 1);
	scoreboard_add(&work->micros, ended->micros);
	scoreboard_add(&work->late, ended->late);
}

struct scoreboard_work
scoreboard_work_of(const struct scoreboard *s, size_t kind)
{
	struct scoreboard_work sum = { 0 };

	for (size_t i = 0; i < scoreboard_slots(s); i++)
		fold_work(&sum, &s->slots[i].work[kind]);
	return sum;
}

void
scoreboard_vacate(struct scoreboard_slot *slot)
{
	slot->pid = 0;
	slot->request_ns = 0;
	slot->holder = 0;
	scoreboard_enter(slot, STAGE_VACANT, -1);
}
