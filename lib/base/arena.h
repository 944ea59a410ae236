/*
 * arena: memory that lives until the end of a request.
 *
 * Owns:   its blocks, and a list of things to release, newest first.
 * Not:    what a worker keeps between requests.
 * Limit:  a ceiling set at arena_new(); past it every call returns NULL.
 */
#ifndef IO7_LIB_BASE_ARENA_H
#define IO7_LIB_BASE_ARENA_H

#include "lib/base/base.h"

struct arena;

/* NULL without memory. */
struct arena *arena_new(size_t ceiling) MUST_CHECK;
/* For start-up only: without memory it ends the process. */
struct arena *arena_must_new(size_t ceiling);
/* NULL is ignored. */
void arena_free(struct arena *);

/* Releases what was registered, newest first, then frees all memory. */
void arena_reset(struct arena *);

/* Zeroed and aligned for any object. */
void *arena_alloc(struct arena *, size_t) MUST_CHECK;

/* A copy of n bytes, followed by a NUL. */
char *arena_copy(struct arena *, const void *, size_t n) MUST_CHECK;

/*
 * Calls release(thing) at the next reset. Without memory to register it, calls
 * release(thing) immediately and returns false.
 */
bool arena_defer(struct arena *, void (*release)(void *), void *thing)
    MUST_CHECK;

/*
 * Counts memory of an outside library against the ceiling, until the next
 * reset. False if it does not fit.
 */
bool arena_charge(struct arena *, size_t) MUST_CHECK;

/* The bytes allocated and charged since the last reset. */
size_t arena_used(const struct arena *);

#endif
