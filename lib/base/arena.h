/*
 * arena: memory that lives exactly as long as one request.
 *
 * Owns:   its blocks, and a last-in first-out list of things to release.
 * Not:    anything a worker keeps between requests.
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

/* Releases all that is registered, newest first, then all memory. */
void arena_reset(struct arena *);

/* Zeroed and aligned for any object. */
void *arena_alloc(struct arena *, size_t) MUST_CHECK;

/* A copy of n bytes with a NUL behind them. */
char *arena_copy(struct arena *, const void *, size_t n) MUST_CHECK;

/*
 * Calls release(thing) at the reset. When even the note of that does not fit,
 * it is called at once and false is returned: either way nothing leaks.
 */
bool arena_defer(struct arena *, void (*release)(void *), void *thing)
    MUST_CHECK;

/*
 * Counts memory of somebody else's against the ceiling, until the reset. False
 * where it does not fit.
 */
bool arena_charge(struct arena *, size_t) MUST_CHECK;

/* The bytes handed out since the last reset. */
size_t arena_used(const struct arena *);

#endif
