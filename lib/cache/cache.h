/*
 * cache: one connection to Redis.
 *
 * Owns:   the connection, which is opened when it is first needed.
 * Not:    durable data: what is in Redis may vanish at any time.
 * Limit:  all steps of a call together take wait_ns at most. After a failure
 *         calls fail immediately for almost a second.
 */
#ifndef IO7_LIB_CACHE_CACHE_H
#define IO7_LIB_CACHE_CACHE_H

#include "lib/base/str.h"

#include <stdatomic.h>

struct cache;

/* The address is "unix:/path" or "host:port"; the password may be empty. */
struct cache *cache_new(const char *address, const char *password,
    int64_t wait_ns);
void cache_free(struct cache *);

/*
 * Connections that share this variable, 0 at first, log the loss and the return
 * of Redis once for all of them. By default each connection logs its own.
 */
void cache_share_log(struct cache *, _Atomic int64_t *logged_ns);

/* Returns what is wrong with an address, or NULL. */
const char *cache_address_problem(const char *address);

/* True when Redis answers before the deadline. */
bool cache_ping(struct cache *, int64_t deadline_ns) MUST_CHECK;

/*
 * A Lua script, which Redis runs atomically. It returns an array of integers
 * and texts.
 */
struct cache_script {
	const char *text;
	char sha[41]; /* its name in Redis; "" until it is loaded */
};

struct cache_value {
	int64_t n;
	struct str text; /* in the arena; p is NULL for an integer */
};

struct cache_call {
	struct cache_script *script;
	const struct str *in; /* n_in texts; the first n_keys are keys */
	size_t n_keys, n_in;
	struct cache_value *out;
	size_t n_out; /* the exact number of values returned */
};

/*
 * Runs a script. False if Redis is unavailable, which is logged once a minute.
 * A call is never retried: when its answer is lost the script may have run, and
 * nothing must be charged twice.
 */
bool cache_call(struct cache *, struct arena *, const struct cache_call *)
    MUST_CHECK;

/* The next call tries to connect, even just after a failure. */
void cache_retry_now(struct cache *);

/* The last failure as text, for the log. */
const char *cache_trouble(const struct cache *);

/* --- A connection that listens ------------------------------------------- */

/*
 * Subscribes to a channel. After that only the functions below may use the
 * connection. False: Redis is down.
 */
bool cache_subscribe(struct cache *, const char *channel) MUST_CHECK;

/* Readable when there is something to receive; -1: not connected. */
int cache_socket(const struct cache *);

/* Asks for a CACHE_PONG, which follows all messages published so far. */
bool cache_send_ping(struct cache *) MUST_CHECK;

enum cache_event {
	CACHE_NOTHING, /* now; wait for the socket */
	CACHE_MESSAGE,
	CACHE_PONG,
	CACHE_LOST, /* the connection: messages may have been missed */
};

/* Never waits. A message holds until the arena is reset. */
enum cache_event cache_receive(struct cache *, struct arena *,
    struct str *message);

#endif
