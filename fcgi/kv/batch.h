/*
 * batch: many operations on keys as one request, in their order.
 *
 * Owns:   what each operation came to.
 * Not:    the answer's text; nor permission: it only says what is needed.
 * Limit:  BATCH_OPS operations, BATCH_VALUES bytes of values that are read.
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
	BATCH_NOT_FOUND,    /* a get or a delete of what is not there */
	BATCH_CONFLICT,     /* another version than the condition's */
	BATCH_STORAGE_FULL, /* a put for which the plan has no room */
	BATCH_TOO_LARGE,    /* a value that the answer has no room for */
};

struct batch_op {
	/* As it was asked. */
	struct str verb_name, key, value;
	struct opt_int64 if_version, ttl_s; /* version 0: it must not exist */
	enum batch_verb verb;

	/* What it came to. */
	enum batch_status status;
	int64_t version; /* the key's from then on; 0: it is not there */
	bool created;    /* by a put */
	struct str found;
	struct opt_int64 expires_at;

	size_t key_nr, form_nr; /* among the different keys, and the forms */
};

struct batch {
	bool is_atomic;
	struct batch_op *ops;
	size_t n;
	int64_t storage_bytes; /* the plan's, for the caller to set */
	size_t failed;         /* the operation that undid an atomic batch */
};

/*
 * From the body of a request. E_BAD_REQUEST or E_TOO_LARGE with the first
 * problem; the field of an operation is told as "ops[3].key".
 */
enum err batch_parse(struct arena *, struct str body, uint64_t body_max,
    struct batch *, struct bind_problem *) MUST_CHECK;

/* Some operation reads, or writes. */
bool batch_reads(const struct batch *);
bool batch_writes(const struct batch *);

/*
 * Each operation sees those before it. An atomic batch is E_CONFLICT,
 * E_STORAGE_FULL or E_TOO_LARGE, and nothing was done, where one operation
 * cannot be; the operations of another fail each for itself.
 */
enum err batch_run(struct tenant_tx *, struct arena *, struct batch *)
    MUST_CHECK;

#endif
