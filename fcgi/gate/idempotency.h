/*
 * idempotency: a POST that is repeated with the same Idempotency-Key is carried
 * out once; the repeat gets the stored answer.
 *
 * Owns:   io7.idempotency_keys.
 * Not:    other methods, which may be repeated anyway.
 * Limit:  an answer is stored for a day if it has up to 16 KiB, holds no secret
 *         and is not a stream. If the answer was not stored, a repeat fails
 *         with E_CONFLICT.
 */
#ifndef IO7_FCGI_GATE_IDEMPOTENCY_H
#define IO7_FCGI_GATE_IDEMPOTENCY_H

#include "fcgi/service.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

struct req;

/* Stored answers are limited, so that they cannot be used as storage. */
enum {
	IDEMPOTENCY_KEY_MAX = 255,
	IDEMPOTENCY_KEPT_S = 24 * 3600,
	IDEMPOTENCY_ANSWER_MAX = 16 << 10,
	IDEMPOTENCY_ANSWERS_MAX = 8 << 20, /* of an account, a day */
};

/*
 * Claims the key of the request, if it has one. If it was answered before, the
 * stored answer becomes the answer, and no handler must run. E_CONFLICT: the
 * key was used for another request, its request is still running, or its answer
 * was not stored.
 */
enum err idempotency_enter(struct req *) MUST_CHECK;

/* Stores the answer, before it is sent. */
void idempotency_leave(struct req *, int status);

/* The chore: deletes expired keys. */
void idempotency_expire(const struct service *, struct arena *);

#endif
