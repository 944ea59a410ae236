/*
 * kv: a tenant's store of JSON values under keys.
 *
 * Owns:   the rules for keys, values, expiry and conditions; the removal of
 *         expired keys; the sizes of stores in the users table.
 * Not:    the statements: kv_put(), kv_get() and the others of stmts/kv.h may
 *         be called directly.
 * Limit:  those below. IO7_BODY_MAX limits a value, the plan a store.
 */
#ifndef IO7_FCGI_KV_KV_H
#define IO7_FCGI_KV_KV_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"

enum {
	KV_KEY_MAX = 256,   /* characters */
	KV_ROW_BYTES = 100, /* counted besides key and value: kv_store.bytes */
	KV_DIGITS_MAX = 1000, /* of a number without exponent */
	KV_DEPTH_MAX = 1000,  /* nesting of a value */
	KV_PATCH_DEPTH = 128, /* nesting of a patch */
	KV_TTL_MAX = 10 * 365 * 24 * 3600,
};

/* NULL, or what is wrong with a key. */
const char *kv_key_problem(struct str key);

/* The most bytes of a row whose value came in a body of body_max bytes. */
int64_t kv_row_max(uint64_t body_max);

/*
 * Checks that a value may be stored. E_BAD_REQUEST, or E_TOO_LARGE if the
 * exponents of its numbers make it too large; *problem says what is wrong, and
 * where.
 */
enum err kv_check_value(struct arena *, struct str text, unsigned depth,
    uint64_t body_max, const char **problem) MUST_CHECK;

/*
 * NULL, or the operation of a JSON patch that has a member twice. PostgreSQL
 * would take the last one. The patch is valid JSON.
 */
const char *kv_patch_problem(struct arena *, struct str patch);

/* False unless the text is a number from 1 to KV_TTL_MAX. */
bool kv_ttl(struct str text, struct opt_int64 *) MUST_CHECK;

/*
 * The preconditions of a request, as parameters of the statements. In a list of
 * versions KV_ANY stands for any version and KV_NONE for none; an empty list is
 * no condition.
 */
enum { KV_ANY = 0, KV_NONE = -1 };

struct kv_condition {
	struct array wanted, unwanted;   /* of int64_t */
	struct opt_int64 changed_before; /* if the key exists */
};

/*
 * True if the conditions hold for a key that exists. For a write the statement
 * decides, by the same rules.
 */
bool kv_fits(const struct kv_condition *, int64_t version, int64_t updated_at);

/*
 * For a write that returned e. If the store is full, removes its expired keys
 * now instead of waiting for the janitor. True if that made room: try again.
 */
bool kv_sweep_expired(struct tenant_tx *, enum err);

/* The chore kv-tend. */
void kv_sweep_stores(const struct service *, struct arena *);

#endif
