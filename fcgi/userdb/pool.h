/*
 * pool: the pools of user databases.
 *
 * Requests that may wait for a database are served by the first one.
 */
#ifndef IO7_FCGI_USERDB_POOL_H
#define IO7_FCGI_USERDB_POOL_H

#include "fcgi/pools.h"

enum { USERDB_REQUESTS, USERDB_KEEPERS, USERDB_POOLS };

extern const struct pool userdb_pools[USERDB_POOLS];

#endif
