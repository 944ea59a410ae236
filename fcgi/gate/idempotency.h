/*
 * idempotency: the same POST, sent again under the same Idempotency-Key, is
 * done once and answered twice.
 *
 * Owns:   io7.idempotency_keys.
 * Not:    what another key means, nor other methods: they repeat by themselves.
 * Limit:  a day; answers of up to 16 KiB, without secrets, that are no stream:
 *         of any other a repeat is told that it was answered.
 */
#ifndef IO7_FCGI_GATE_IDEMPOTENCY_H
#define IO7_FCGI_GATE_IDEMPOTENCY_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

struct req;

/*
 * Claims the request where it has a key, or makes the answer that was given
 * before: then there is nothing left to do. E_CONFLICT where the key stands
 * for another request, for one under way, or for an answer that is not kept.
 */
enum err idempotency_enter(struct req *) MUST_CHECK;

/* The answer is settled: keeps it, before it goes out. */
void idempotency_leave(struct req *, int status);

/* The chore: forgets what is over. */
void idempotency_expire(const struct service *, struct arena *);

#endif
