/*
 * handlers: what the rows of the route table call.
 *
 * Owns:   nothing.
 * Not:    the table: that is routes.c.
 * Limit:  none.
 */
#ifndef IO7_FCGI_KV_HANDLERS_H
#define IO7_FCGI_KV_HANDLERS_H

#include "fcgi/http/req.h"

/* One key: one.c and change.c. */
enum err kv_get_one(struct req *) MUST_CHECK;
enum err kv_put_one(struct req *) MUST_CHECK;
enum err kv_delete_one(struct req *) MUST_CHECK;
enum err kv_patch_one(struct req *) MUST_CHECK;
enum err kv_increment(struct req *) MUST_CHECK;

/* Many: list.c. */
enum err kv_list(struct req *) MUST_CHECK;
enum err kv_delete_many(struct req *) MUST_CHECK;

#endif
