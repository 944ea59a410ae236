/*
 * post: what a new process of a pool is given, and how it begins and ends.
 *
 * Owns:   the process's signal handlers.
 * Not:    what the process does in between: worker or janitor.
 * Limit:  one post a process.
 */
#ifndef IO7_FCGI_SERVE_PROCESS_H
#define IO7_FCGI_SERVE_PROCESS_H

#include "fcgi/pools.h"
#include "lib/shm/error_buffer.h"
#include "lib/shm/scoreboard.h"
#include "lib/shm/usage_journal.h"

struct post {
	const struct options *opts;
	const struct pool *pool;
	struct board *board;
	struct board_slot *slot;
	struct tally_slot *tally;
	struct notes_slot *notes, *all_notes;
	int listener; /* -1 where the pool serves no socket */
	int nudge;    /* an eventfd by which workers wake the janitor */
	int control;  /* reads the end of file when the supervisor is gone */
};

/* Name, signal handlers, slot. The supervisor's signals stay blocked. */
void post_begin(const struct post *);

/*
 * Waits with the signals open for the set or the deadline. True when what the
 * process serves is ready; false when there is another reason to look around.
 */
bool post_wait(const struct post *, int epoll, int64_t deadline_ns);

/* SIGTERM came, or the supervisor is gone. */
bool post_is_over(void);

/* An epoll set of the control pipe and of the listener, or else the nudge. */
int post_epoll(const struct post *);
/* And of a socket, whose end is a reason to look around. */
void post_watch_end(int epoll, int fd);

void post_end(const struct post *) NORETURN;

#endif
