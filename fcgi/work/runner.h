/*
 * runner: claims items of the queue and runs them.
 *
 * Owns:   what it has claimed, and the processes of items that run apart.
 * Not:    the loop of the process: fcgi/serve/runner.h has that.
 * Limit:  RUNNER_BATCH claimed items that run one after another in this process,
 *         and IO7_RUNNER_PROCESSES that run apart.
 */
#ifndef IO7_FCGI_WORK_RUNNER_H
#define IO7_FCGI_WORK_RUNNER_H

#include "fcgi/service.h"

struct runner;
struct scoreboard_slot;

enum { RUNNER_BATCH = 250, RUNNER_PROCESSES = 256 };

/*
 * Pipes of processes are added to the epoll set, whose wait then returns when an
 * item has ended.
 */
struct runner *runner_open(const struct service *, struct scoreboard_slot *,
    int epoll);
/*
 * Claims nothing more, waits for what runs until shortly before the drain
 * timeout, kills the rest, and reports all to the database.
 */
void runner_close(struct runner *);

/* Makes the next runner_work() look for items: some may have been added. */
void runner_look(struct runner *);

/* Claims and runs items, for half a second or so. True: call it again at once. */
bool runner_work(struct runner *);

/* When runner_work() must be called again, at the latest. */
int64_t runner_due_ns(const struct runner *);

#endif
