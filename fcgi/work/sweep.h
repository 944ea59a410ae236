/*
 * sweep: deletes finished and dead items by age and by number.
 */
#ifndef IO7_FCGI_WORK_SWEEP_H
#define IO7_FCGI_WORK_SWEEP_H

#include "fcgi/service.h"
#include "lib/base/arena.h"

/* The chore. */
void work_sweep(const struct service *, struct arena *);

#endif
