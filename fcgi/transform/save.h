/*
 * save: stores a result over the version of the value that it was made from.
 */
#ifndef IO7_FCGI_TRANSFORM_SAVE_H
#define IO7_FCGI_TRANSFORM_SAVE_H

#include "fcgi/db/door.h"
#include "stmts/kv.h"

struct value_save {
	struct str key, value;
	int64_t seen;                /* the version; 0: the key did not exist */
	struct opt_int64 expires_at; /* is kept, to the second */
	uint64_t body_max;           /* IO7_BODY_MAX */
	int64_t store_max;           /* bytes of the store */
};

/* Not stored: the key has another version. */
enum err value_save(struct tenant_tx *, const struct value_save *,
    struct kv_put_row **) MUST_CHECK;

#endif
