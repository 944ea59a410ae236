/*
 * answer: what the routes of one key have in common: reading the key and the
 * conditions, and writing the headers of a value.
 *
 * Owns:   nothing.
 * Not:    the store itself: that is kv.
 * Limit:  none.
 */
#ifndef IO7_FCGI_KV_KV_HTTP_H
#define IO7_FCGI_KV_KV_HTTP_H

#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "fcgi/kv/condition.h"
#include "fcgi/kv/glob.h"

/* A request for one key, and what it comes with. */
struct kv_request {
	struct str key;
	struct kv_condition condition;
	struct opt_int64 ttl;
	struct tenant_tx *tx;
};

/* The caller's store, in the caller's mode. */
enum err kv_open(struct req *, struct tenant_tx **) MUST_CHECK;

/* The same, with the key of the path, the conditions and the time to live. */
enum err kv_read(struct req *, struct kv_request *) MUST_CHECK;

/* The body is JSON, and what may be stored. */
enum err kv_read_value(struct req *, unsigned depth) MUST_CHECK;

/* A query parameter that is true or false; false where it is absent. */
enum err kv_read_flag(struct req *, const char *name, bool *) MUST_CHECK;

/* The pattern as it was asked for, `*` where it was not. */
enum err kv_read_pattern(struct req *, struct str *pattern, struct glob *)
    MUST_CHECK;

/* What a statement on the store said: the client's fault in its own words. */
enum err kv_fail(struct req *, enum err, const struct tenant_tx *);
/* The same of whatever said it, about another field than the body. */
enum err kv_fail_field(struct req *, enum err, const char *field,
    const char *sqlstate, const char *words);

/* ETag, and Io7-Expires-At where it has an end. */
void kv_headers(struct req *, int64_t version, struct opt_int64 expires_at);

/* "expires_at":"...", or null. */
void kv_write_end(struct buf *, struct opt_int64 expires_at);

/* {"key","version","created","expires_at"}, 201 where it was created. */
enum err kv_answer(struct req *, struct str key, int64_t version, bool created,
    struct opt_int64 expires_at);

#endif
