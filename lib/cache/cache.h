/*
 * cache: one connection to Redis.
 *
 * Owns:   the connection, opened when first needed.
 * Not:    the truth: what is in Redis may vanish at any time.
 * Limit:  a call waits as long as cache_new() was told, all its steps together;
 *         after a failure calls fail at once for the better part of a second.
 */
#ifndef IO7_LIB_CACHE_CACHE_H
#define IO7_LIB_CACHE_CACHE_H

#include "lib/base/str.h"

#include <stdatomic.h>

struct cache;

/* At "unix:/path" or "host:port"; password may be empty. */
struct cache *cache_new(const char *address, const char *password,
    int64_t wait_ns);
void cache_free(struct cache *);

/*
 * All that share this word, 0 at first, are one in what they log of Redis being
 * away: by default each connection speaks for itself.
 */
void cache_share_news(struct cache *, _Atomic int64_t *told_ns);

/* NULL, or what is wrong with an address. */
const char *cache_address_problem(const char *address);

/* True when Redis answers before the deadline. */
bool cache_ping(struct cache *, int64_t deadline_ns) MUST_CHECK;

/*
 * A script that Redis runs as a whole, as nobody else is served. It answers
 * with an array of integers and texts.
 */
struct cache_script {
	const char *text;
	char sha[41]; /* its name, once Redis has told it */
};

struct cache_value {
	int64_t n;
	struct str text; /* in the arena; without p: an integer */
};

struct cache_call {
	struct cache_script *script;
	const struct str *in; /* n_in texts, of which the first are the keys */
	size_t n_keys, n_in;
	struct cache_value *out;
	size_t n_out; /* exactly so many come back */
};

/*
 * Runs a script. False where Redis is away, which the log is told of once a
 * minute. What was sent is never sent again: where the answer was lost, nobody
 * knows whether the script ran, and a charge must not be made twice.
 */
bool cache_call(struct cache *, struct arena *, const struct cache_call *)
    MUST_CHECK;

/* The next call tries, however short ago one failed. */
void cache_urge(struct cache *);

/* The last failure in words, for the log. */
const char *cache_trouble(const struct cache *);

#endif
