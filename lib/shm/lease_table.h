/*
 * lease_table: tokens that were taken in advance, shared by the processes of a
 * host.
 *
 * A token is permission to do something once. A process obtains several tokens
 * at a time and adds them here as a lease; all processes take them one by one.
 * The unused tokens of an expired lease are collected, so that they can be
 * given back.
 *
 * Owns:   a shared mapping of LEASE_SLOTS slots, found by the name of a lease.
 * Not:    what a name or the terms of a lease mean: both are bytes.
 * Limit:  LEASE_WAYS names whose hashes collide; for one more,
 *         lease_table_add() fails. A process that is killed while it writes a
 *         slot takes that slot, with its tokens, out of use until the mapping
 *         is created again.
 */
#ifndef IO7_LIB_SHM_LEASE_TABLE_H
#define IO7_LIB_SHM_LEASE_TABLE_H

#include "lib/base/base.h"

enum {
	LEASE_SLOTS = 4096,
	LEASE_WAYS = 4,
	LEASE_NAME = 24,
	LEASE_TERMS = 64,
	LEASE_TOKENS_MAX = 1 << 30,
};

struct lease {
	uint8_t name[LEASE_NAME];
	uint8_t terms[LEASE_TERMS];
	int64_t expires_ns; /* monotonic */
	uint32_t tokens;
};

struct lease_table;

/* Shared with all processes forked from now on. NULL with errno. */
struct lease_table *lease_table_create(void) MUST_CHECK;
void lease_table_close(struct lease_table *);

/*
 * Takes one token; on success the lease comes with the tokens that are left.
 * False if there is no token: then expires_ns is that of the exhausted lease,
 * or 0.
 */
bool lease_table_take(struct lease_table *, const uint8_t name[LEASE_NAME],
    int64_t now_ns, struct lease *) MUST_CHECK;

/*
 * Adds a lease. Tokens of the same name that have not expired before now_ns are
 * added to it, under the new terms and the new expiry; those that have are
 * moved to *expired, to be given back. False, and nothing is added, if no slot
 * is free for the name.
 */
bool lease_table_add(struct lease_table *, const struct lease *, int64_t now_ns,
    struct lease *expired) MUST_CHECK;

/*
 * Removes leases that expired before now_ns; INT64_MAX: all. Returns how many
 * of them still had tokens: those, at most max, are copied. Call it again when
 * it returns max.
 */
size_t lease_table_collect(struct lease_table *, int64_t now_ns, struct lease *,
    size_t max) MUST_CHECK;

#endif
