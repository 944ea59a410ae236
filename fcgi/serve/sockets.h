/*
 * sockets: what the pools listen on, bound by us or handed in.
 *
 * Owns:   the listeners, and the paths of those that we bound.
 * Not:    the paths of those that a manager or an earlier program handed in:
 *         those are never unlinked.
 * Limit:  one socket a pool.
 */
#ifndef IO7_FCGI_SERVE_SOCKETS_H
#define IO7_FCGI_SERVE_SOCKETS_H

#include "fcgi/pools.h"

struct sockets {
	char dir[128];
	int fd[POOLS_MAX]; /* -1: the pool serves none */
	bool is_own[POOLS_MAX];
};

/*
 * Takes those of LISTEN_FDS, each known by the name of its file, whatever its
 * folder; binds the others in the run directory. Ends the process where one
 * cannot be had.
 */
void sockets_open(struct sockets *, const struct options *);

/* In a child: only its pool's stays open. */
void sockets_keep(const struct sockets *, size_t pool);

/* The paths first: from then on they are the next supervisor's to take. */
void sockets_close(struct sockets *);

/* Right before an exec: what is executed then finds them in LISTEN_FDS. */
void sockets_hand_on(const struct sockets *);

#endif
