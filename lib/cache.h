/*
 * cache: one connection to Redis.
 *
 * Owns:   the connection, opened when first needed.
 * Not:    the truth: what is in Redis may vanish at any time.
 * Limit:  a call waits as long as cache_new() was told; after a failure the
 *         next attempt comes a moment later, and calls fail at once until then.
 */
#ifndef IO7_LIB_CACHE_H
#define IO7_LIB_CACHE_H

#include "lib/str.h"

struct cache;

/* At "unix:/path" or "host:port"; password may be empty. */
struct cache *cache_new(const char *address, const char *password,
    int64_t wait_ns);
void cache_free(struct cache *);

/* NULL, or what is wrong with an address. */
const char *cache_address_problem(const char *address);

/* True when Redis answers before the deadline. */
bool cache_ping(struct cache *, int64_t deadline_ns) MUST_CHECK;

/* The last failure in words, for the log. */
const char *cache_trouble(const struct cache *);

#endif
