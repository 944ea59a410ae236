/*
 * batch: many operations on keys in one request, carried out in order.
 *
 * Not:    reading the request, checking scopes, writing the answer: see
 *         batch_handler.c.
 * Limit:  BATCH_OPS operations; BATCH_VALUES bytes of values that are read.
 */
#ifndef IO7_FCGI_KV_BATCH_H
#define IO7_FCGI_KV_BATCH_H

#include "fcgi/db/door.h"
#include "lib/json/bind.h"

enum {
	BATCH_OPS = 1000,
	BATCH_VALUES = 8 << 20,
};

enum batch_verb {
	BATCH_GET,
	BATCH_PUT,
	BATCH_DELETE,
	BATCH_CHECK,
};

enum batch_status {
	BATCH_OK,
	BATCH_NOT_FOUND,    /* get or delete of an absent key */
	BATCH_CONFLICT,     /* the key has another version */
	BATCH_STORAGE_FULL, /* the put would exceed the plan's storage */
	BATCH_TOO_LARGE,    /* the values would exceed BATCH_VALUES */
};

struct batch_op {
	/* The request. */
	struct str verb_name, key, value;
	struct opt_int64 if_version, ttl_s; /* version 0: must not exist */
	enum batch_verb verb;

	/* The result. */
	enum batch_status status;
	int64_t version; /* of the key afterwards; 0: absent */
	bool created;    /* by this put */
	struct str found;
	struct opt_int64 expires_at;

	size_t key_nr, unstored_nr; /* see batch.c */
};

struct batch {
	bool is_atomic;
	struct batch_op *ops;
	size_t n;
	int64_t storage_bytes; /* of the plan; set by the caller */
	size_t failed; /* the operation that made an atomic batch fail */
};

/*
 * Parses the body of a request. E_BAD_REQUEST or E_TOO_LARGE with the first
 * problem; its field is like "ops[3].key".
 */
enum err batch_parse(struct arena *, struct str body, uint64_t body_max,
    struct batch *, struct bind_problem *) MUST_CHECK;

/* True if any operation reads, or writes. */
bool batch_reads(const struct batch *);
bool batch_writes(const struct batch *);

/*
 * Each operation sees the effect of those before it. An atomic batch fails with
 * E_CONFLICT, E_STORAGE_FULL or E_TOO_LARGE, and changes nothing, if one
 * operation fails. In another batch each operation succeeds or fails alone.
 */
enum err batch_run(struct tenant_tx *, struct arena *, struct batch *)
    MUST_CHECK;

#endif
