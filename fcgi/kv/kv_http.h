/*
 * kv_http: reads requests and writes answers, for the handlers of the room.
 *
 * Not:    rules about keys and values: see kv.h.
 */
#ifndef IO7_FCGI_KV_KV_HTTP_H
#define IO7_FCGI_KV_KV_HTTP_H

#include "fcgi/http/resp.h"
#include "fcgi/identity/principal.h"
#include "fcgi/kv/condition.h"
#include "fcgi/kv/glob.h"

/* A request for one key. */
struct kv_request {
	struct str key;
	struct kv_condition condition;
	struct opt_int64 ttl;
	struct tenant_tx *tx;
};

/* Opens the store of the principal, in its mode. */
enum err kv_open(struct req *, struct tenant_tx **) MUST_CHECK;

/*
 * The slot of the store that counts the bytes of this worker's writes, see
 * sql/tenant/003_counters.sql. Few workers share one.
 */
int32_t kv_counter(const struct req *);

/* Reads key, conditions and ttl, and opens the store. */
enum err kv_read(struct req *, struct kv_request *) MUST_CHECK;

/* Checks that the body is JSON that may be stored. */
enum err kv_read_value(struct req *, unsigned depth) MUST_CHECK;

/* A query parameter that is true or false; false if it is absent. */
enum err kv_read_flag(struct req *, const char *name, bool *) MUST_CHECK;

/* The query parameter `pattern`; `*` if it is absent. */
enum err kv_read_pattern(struct req *, struct str *pattern, struct glob *)
    MUST_CHECK;

/* Fails with the error of a statement. Messages of class I7 are shown. */
enum err kv_fail(struct req *, enum err, const struct tenant_tx *);
/* The same for another field than the body. */
enum err kv_fail_field(struct req *, enum err, const char *field,
    const char *sqlstate, const char *message);

/* Sets ETag, and Io7-Expires-At if the key expires. */
void kv_headers(struct req *, int64_t version, struct opt_int64 expires_at);

/* Writes "expires_at":"...", or null. */
void kv_write_expiry(struct buf *, struct opt_int64 expires_at);

/* Answers with key, version, created and expires_at; 201 if it was created. */
enum err kv_answer(struct req *, struct str key, int64_t version, bool created,
    struct opt_int64 expires_at);

#endif
