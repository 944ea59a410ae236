/*
 * work: the queue of work, as the scoreboard has it, as JSON and as metrics.
 */
#ifndef IO7_FCGI_HEALTH_WORK_H
#define IO7_FCGI_HEALTH_WORK_H

#include "lib/base/str.h"
#include "lib/shm/scoreboard.h"

/* An array with an object for each kind. */
void health_work_json(const struct scoreboard *, struct buf *);
void health_work_metrics(const struct scoreboard *, struct buf *);

#endif
