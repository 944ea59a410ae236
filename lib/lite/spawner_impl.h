/*
 * spawner_impl: the parts of the spawner: its keepers, and the workers that ask
 * for them.
 *
 * Not:    for other files, which include spawner.h.
 */
#ifndef IO7_LIB_LITE_SPAWNER_IMPL_H
#define IO7_LIB_LITE_SPAWNER_IMPL_H

#include "lib/lite/keeper.h"
#include "lib/lite/spawner.h"

struct spawner;

/* The first member of each thing that epoll watches. */
struct source {
	void (*on_event)(struct spawner *, struct source *);
};

struct kept {
	struct source source;
	struct kept *next;
	char name[KEEPER_NAME_MAX + 1];
	int control;
	pid_t pid;
	struct keeper_slot *slot;
	bool is_asked;    /* to leave */
	bool is_dropped;  /* its folder is to be removed once it has ended */
	bool is_draining; /* it was open when the spawner began to drain */
	unsigned lines;   /* in the log */
};

struct client {
	struct source source;
	struct client *next;
	int fd;
	struct spawner_ask ask;
	size_t got;       /* bytes of the question */
	int64_t until_ns; /* how long it waits for a keeper; 0: it does not */
	bool is_short_of_room; /* other keepers must leave first */
};

struct spawner {
	struct spawner_options options;
	const struct hrana_schema *schema;
	const struct filter_program *filter;
	int listener, control, folder, epoll;
	struct kept *kept;
	size_t n_kept;
	struct client *clients;
	int64_t drain_ns; /* when the draining ends; 0: it has not begun */
	int64_t look_ns;  /* when to look for keepers that are stuck */
};

/* True if it watches the descriptor. */
bool spawner_watch(struct spawner *, int fd, struct source *);
/* Closes the descriptor. */
void spawner_forget(struct spawner *, int fd);

/* --- spawner_kept.c: keepers ---------------------------------------------- */

struct kept *kept_find(const struct spawner *, const char *name);
/* Starts one. E_NOT_FOUND: there is no such database. */
enum err kept_start(struct spawner *, const char *name, bool make) MUST_CHECK;
/*
 * Gives it a connection, whose other end is *fd. False: it is leaving, or has too
 * many messages to read.
 */
bool kept_connect(struct kept *, int *fd) MUST_CHECK;
/* Asks it to leave as soon as it is idle, or when its requests have ended. */
void kept_ask_to_leave(struct kept *);
void kept_ask_to_end(struct kept *);
/* Asks the least recently used idle one to leave, unless enough are leaving. */
void kept_make_room(struct spawner *, size_t rooms);
/* Removes a database that no keeper has open. */
enum err kept_remove_folder(const struct spawner *, const char *name)
    MUST_CHECK;
/* Ends those whose statement does not advance any more. */
void kept_end_stuck(struct spawner *);
void kept_kill_all(struct spawner *);

/* --- spawner_client.c: workers -------------------------------------------- */

void clients_accept(struct spawner *);
void clients_close(struct spawner *);
/* Answers those whose keeper can be started now, or who have waited too long. */
void clients_retry(struct spawner *);
/* When the next of them has waited too long; 0: none waits. */
int64_t clients_due(const struct spawner *);

#endif
