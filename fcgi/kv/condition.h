/*
 * condition: the preconditions of a request for one key (RFC 9110, 13.1).
 *
 * If-Match and If-None-Match name versions. If-Unmodified-Since names a second;
 * it is ignored if there is an If-Match. If-Modified-Since is ignored: two
 * versions may have been written in the same second.
 */
#ifndef IO7_FCGI_KV_CONDITION_H
#define IO7_FCGI_KV_CONDITION_H

#include "fcgi/http/req.h"
#include "fcgi/kv/kv.h"

enum { KV_TAG = sizeof("\"-9223372036854775808\"") };

/* The entity tag of a version. */
void kv_tag(int64_t version, char to[KV_TAG]);

/* E_BAD_REQUEST with the header that is malformed. */
enum err kv_read_condition(struct req *, struct kv_condition *) MUST_CHECK;

/* E_BAD_REQUEST for a request that has one and is not for one key. */
enum err kv_refuse_condition(struct req *) MUST_CHECK;

/* The 412. Its ETag is the current version, if the key exists. */
enum err kv_fail_condition(struct req *, struct opt_int64 version);

#endif
