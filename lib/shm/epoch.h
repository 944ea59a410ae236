/*
 * epoch: counters by which the processes of a host detect that a cached copy is
 * stale.
 *
 * A process reads the epoch of a name before it looks the name up, and keeps
 * the value beside its copy. A change bumps the epoch. A copy is stale if its
 * value is not the current one.
 *
 * Owns:   a shared mapping of EPOCHS counters; several names share a counter.
 * Limit:  changes on other hosts are known only while a listener calls
 *         epochs_heard(); see epochs_are_current().
 */
#ifndef IO7_LIB_SHM_EPOCH_H
#define IO7_LIB_SHM_EPOCH_H

#include "lib/base/base.h"

enum { EPOCHS = 256 };

struct epochs;

/* Shared with all processes forked from now on. NULL with errno. */
struct epochs *epochs_create(void) MUST_CHECK;
void epochs_close(struct epochs *);

/* The counter that a name uses, by the first byte of its digest. */
uint64_t epoch_read(const struct epochs *, uint8_t first_byte);
void epoch_bump(struct epochs *, uint8_t first_byte);
void epoch_bump_all(struct epochs *);

/* The listener has applied every change that was published before this time. */
void epochs_heard(struct epochs *, int64_t now_ns);
/* True if that was less than max_age_ns ago. */
bool epochs_are_current(const struct epochs *, int64_t now_ns,
    int64_t max_age_ns);

#endif
