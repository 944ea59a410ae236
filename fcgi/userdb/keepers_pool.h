/*
 * keepers_pool: the pool whose process starts the keepers of this host.
 */
#ifndef IO7_FCGI_USERDB_KEEPERS_POOL_H
#define IO7_FCGI_USERDB_KEEPERS_POOL_H

struct conf;

/* See struct pool, and struct room_helper. */
void keepers_become(const struct conf *, int listener, int control);
void keepers_main(void);

#endif
