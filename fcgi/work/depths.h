/*
 * depths: how many items of each kind are in the queue, on the scoreboard.
 *
 * Limit:  counts to DEPTH_MAX items in each state, so that a long queue does not
 *         make counting slow.
 */
#ifndef IO7_FCGI_WORK_DEPTHS_H
#define IO7_FCGI_WORK_DEPTHS_H

#include "fcgi/service.h"
#include "lib/base/arena.h"

enum { DEPTH_MAX = 100000 };

/* The chore. */
void work_count_depths(const struct service *, struct arena *);

#endif
