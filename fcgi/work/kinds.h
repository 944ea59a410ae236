/*
 * kinds: the list of kinds of work.
 *
 * Owns:   the list, to which rooms add theirs.
 * Limit:  WORK_KINDS kinds.
 */
#ifndef IO7_FCGI_WORK_KINDS_H
#define IO7_FCGI_WORK_KINDS_H

#include "fcgi/work_kind.h"
#include "lib/shm/scoreboard.h"

enum { WORK_KINDS = SCOREBOARD_KINDS };

/* Adds the kinds of a room. */
void kinds_add(const struct work_kind *, size_t n);

extern size_t kinds_count;
const struct work_kind *kind_at(size_t);
size_t kind_number(const struct work_kind *);

#endif
