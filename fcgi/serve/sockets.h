/*
 * sockets: the listeners of the pools, bound here or inherited.
 *
 * Owns:   the listeners, and the paths of those that it bound.
 * Not:    the paths of inherited sockets: those are never unlinked.
 * Limit:  one socket a pool.
 */
#ifndef IO7_FCGI_SERVE_SOCKETS_H
#define IO7_FCGI_SERVE_SOCKETS_H

#include "fcgi/pools.h"

struct options;

struct sockets {
	char dir[128];
	int fd[POOLS_MAX]; /* -1: the pool serves none */
	bool is_own[POOLS_MAX];
};

/*
 * Takes the sockets of LISTEN_FDS, each known by its file's name in whatever
 * folder, and binds the others in the run directory. Exits if one fails.
 */
void sockets_open(struct sockets *, const struct options *);

/* In a child: closes all listeners but its pool's. */
void sockets_keep(const struct sockets *, size_t pool);

/* Unlinks the paths first, so that another supervisor can bind them. */
void sockets_close(struct sockets *);

/* Right before exec(): passes them on in LISTEN_FDS. */
void sockets_hand_on(const struct sockets *);

#endif
