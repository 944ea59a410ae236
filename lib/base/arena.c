/*
 * The arena is a chain of blocks, filled from the front of the newest.
 *
 * The first block survives every reset, so that a request of common size needs
 * no malloc. With -DARENA_MALLOC each allocation is a block of its own, so that
 * a sanitizer sees overruns that a shared block would hide.
 */
#include "lib/base/arena.h"

#include "lib/base/panic.h"

#include <stdalign.h>

enum {
	FIRST_BLOCK = 64 * 1024,
	ALIGN = alignof(max_align_t),
};

struct block {
	struct block *older;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
	struct deferred *older;
	void (*release)(void *);
	void *thing;
};

struct arena {
	struct block *newest;
	struct deferred *deferred;
	size_t used, ceiling;
};

static struct block *
block_new(size_t size, struct block *older)
{
	struct block *b = malloc(sizeof(*b) + size);

	if (b)
		*b = (struct block){ .older = older, .size = size };
	return b;
}

struct arena *
arena_new(size_t ceiling)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->newest = block_new(FIRST_BLOCK, NULL);
	if (!a->newest) {
		free(a);
		return NULL;
	}
	a->ceiling = ceiling;
	return a;
}

struct arena *
arena_must_new(size_t ceiling)
{
	struct arena *a = arena_new(ceiling);

	if (!a)
		die(EXIT_FAILURE, "no memory for an arena");
	return a;
}

void
arena_reset(struct arena *a)
{
	while (a->deferred) {
		struct deferred *d = a->deferred;

		a->deferred = d->older;
		d->release(d->thing);
	}
	while (a->newest->older) {
		struct block *b = a->newest;

		a->newest = b->older;
		free(b);
	}
	a->newest->used = 0;
	a->used = 0;
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	free(a->newest);
	free(a);
}

/* Each block is at least twice as large as the last: few are needed. */
static bool
grow(struct arena *a, size_t need)
{
#ifdef ARENA_MALLOC
	size_t size = need;
#else
	size_t size = a->newest->size * 2;

	if (size < need)
		size = need;
#endif
	struct block *b = block_new(size, a->newest);

	if (!b)
		return false;
	a->newest = b;
	return true;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	if (n > a->ceiling - a->used)
		return NULL;

	size_t need = n ? (n + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	struct block *b = a->newest;

#ifdef ARENA_MALLOC
	if (!grow(a, n))
		return NULL;
	need = n;
#else
	if (need > b->size - b->used && !grow(a, need))
		return NULL;
#endif
	b = a->newest;

	void *p = b->bytes + b->used;

	b->used += need;
	a->used += need < a->ceiling - a->used ? need : a->ceiling - a->used;
	return memset(p, 0, n);
}

char *
arena_copy(struct arena *a, const void *from, size_t n)
{
	char *to = n == SIZE_MAX ? NULL : arena_alloc(a, n + 1);

	if (to && n)
		memcpy(to, from, n);
	return to;
}

bool
arena_defer(struct arena *a, void (*release)(void *), void *thing)
{
	struct deferred *d = arena_alloc(a, sizeof(*d));

	if (!d) {
		release(thing);
		return false;
	}
	*d = (struct deferred){ a->deferred, release, thing };
	a->deferred = d;
	return true;
}

bool
arena_charge(struct arena *a, size_t n)
{
	if (n > a->ceiling - a->used)
		return false;
	a->used += n;
	return true;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
