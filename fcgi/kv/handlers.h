/*
 * handlers: the functions that the routes of room.c call.
 *
 * Each reads its request, runs one or a few statements and writes the answer.
 */
#ifndef IO7_FCGI_KV_HANDLERS_H
#define IO7_FCGI_KV_HANDLERS_H

#include "fcgi/http/req.h"

enum {
	/* A batch or import costs one more credit for each further 100. */
	KV_OPS_PER_CREDIT = 100,
	KV_KEYS_PER_CREDIT = 10000, /* that a count reads */
	KV_PAGE_VALUES = 8 << 20,   /* bytes of values in a page */
};

/* value.c */
enum err kv_get_value(struct req *) MUST_CHECK;
enum err kv_put_value(struct req *) MUST_CHECK;
enum err kv_delete_value(struct req *) MUST_CHECK;

/* update.c */
enum err kv_patch_value(struct req *) MUST_CHECK;
enum err kv_increment(struct req *) MUST_CHECK;

/* list.c */
enum err kv_list(struct req *) MUST_CHECK;
enum err kv_delete_many(struct req *) MUST_CHECK;

enum err kv_batch(struct req *) MUST_CHECK;        /* batch_handler.c */
enum err kv_export(struct req *) MUST_CHECK;       /* export.c */
enum err kv_import_lines(struct req *) MUST_CHECK; /* import.c */

#endif
