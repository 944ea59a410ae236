/*
 * keepers_impl: a call to a keeper, in two files: its connection and order, and
 * its answer.
 *
 * Not:    for other files, which include keepers.h.
 */
#ifndef IO7_LIB_LITE_KEEPERS_IMPL_H
#define IO7_LIB_LITE_KEEPERS_IMPL_H

#include "lib/lite/keeper.h"

#include <sys/un.h>

enum {
	KEEPERS_READ = 64 * 1024,
	KEEPERS_SENTENCE = 256,
	/* A read without poll() looks at the deadline that often. */
	KEEPERS_TICK_MS = 100,
};

struct kept {
	char name[KEEPER_NAME_MAX + 1];
	int fd; /* -1: none */
	uint64_t used;
};

enum phase { IDLE, RUNNING, DONE, FAILED };

struct keepers {
	struct sockaddr_un at;
	int spawner; /* -1: not connected */
	struct kept kept[KEEPERS_KEPT];
	uint64_t uses;

	/* The call. */
	enum phase phase;
	const struct keeper_order *order;
	struct kept *conn; /* NULL: none */
	unsigned turns;
	struct frame_head head;
	struct frame_order task;
	size_t sent;   /* of head, task and body */
	bool is_heard; /* a frame has come: the order was executed */
	struct keeper_result result;
	int file; /* -1: none */
	enum err fault;
	const char *sentence;
	char text[KEEPERS_SENTENCE];

	/* Received bytes; those before `taken` are used. */
	size_t n, taken;
	uint32_t piece; /* bytes of output that are still to come */
	char received[KEEPERS_READ];
};

/* --- keepers.c ------------------------------------------------------------ */

/* Ends the call, as failed. */
enum keeper_state keepers_fail(struct keepers *, enum err,
    const char *sentence);
bool keepers_is_late(const struct keepers *);
/* Begins the order on a connection, a new one if the kept one is closed. */
enum err keepers_begin_turn(struct keepers *) MUST_CHECK;
/* Sends as much of the order as the socket takes. False: the keeper is gone. */
bool keepers_send_order(struct keepers *) MUST_CHECK;
bool keepers_is_sent(const struct keepers *);
/* Closes the connection of the call. */
void keepers_drop_conn(struct keepers *);

/* --- keepers_answer.c ----------------------------------------------------- */

/* The keeper has ended without a goodbye. */
enum keeper_state keepers_fail_gone(struct keepers *);
enum keeper_state keepers_fail_late(struct keepers *);

#endif
