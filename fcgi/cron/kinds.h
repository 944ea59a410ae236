/*
 * kinds: the kinds of queued work of cron jobs, and their handlers.
 */
#ifndef IO7_FCGI_CRON_KINDS_H
#define IO7_FCGI_CRON_KINDS_H

#include "fcgi/work_kind.h"

enum { CRON_RUN, CRON_COMPARE, CRON_KINDS };

extern const struct work_kind cron_kinds[CRON_KINDS];

/* run_work.c: one run of a job. */
enum work_outcome run_work(struct work *);
void run_work_dead(struct work *);

/* compare.c: one comparison of the jobs of a database with the index. */
enum work_outcome compare_work(struct work *);
void compare_work_dead(struct work *);

#endif
