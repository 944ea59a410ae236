/*
 * timetable: the chores of one pool, and when each is due.
 *
 * Not:    the chores: those belong to the rooms.
 * Limit:  one chore at a time.
 */
#ifndef IO7_FCGI_SERVE_TIMETABLE_H
#define IO7_FCGI_SERVE_TIMETABLE_H

#include "fcgi/chore.h"
#include "fcgi/serve/process.h"

enum { CHORES_MAX = 64 };

struct timetable {
	const struct process *process;
	const struct service *service;
	struct arena *mem;
	struct {
		const struct chore *chore;
		int64_t at_ns;
	} rows[CHORES_MAX];
	size_t n;
};

/* All chores of the process's pool are due. */
void timetable_open(struct timetable *, const struct process *,
    const struct service *);
void timetable_close(struct timetable *);

/* Runs the chores that are due, until the process is to end. */
void timetable_run(struct timetable *);
/* Runs every chore once more. */
void timetable_run_all(struct timetable *);
/* When the first one is due; at most a minute from now. */
int64_t timetable_due_ns(const struct timetable *);

/* Resets the eventfd that woke the process, and makes urgent chores due. */
bool timetable_hurry(struct timetable *);

#endif
