/*
 * kv: a tenant's store of JSON values under keys.
 *
 * Owns:   what a key, a value and a time to live may be; the sweeping of what
 *         has expired, and the sizes that the users table shows.
 * Not:    the statements: those are kv_put(), kv_get() and their kin of
 *         stmts/kv.h, which a caller may use as they are.
 * Limit:  the enums below; a value's bytes as IO7_BODY_MAX bounds them, a
 *         store's as its plan does.
 */
#ifndef IO7_FCGI_KV_KV_H
#define IO7_FCGI_KV_KV_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"

enum {
	KV_KEY_MAX = 256,     /* characters */
	KV_DIGITS_MAX = 1000, /* of a number, its exponent written out */
	KV_DEPTH_MAX = 1000,  /* levels of a value */
	KV_PATCH_DEPTH = 128, /* and of a patch */
	KV_TTL_MAX = 10 * 365 * 24 * 3600,
};

/* NULL, or what is wrong with it as the name of a value. */
const char *kv_key_problem(struct str key);

/*
 * How many bytes a row may count, its value written out, where a body may have
 * `body_max`: none but what exponents stand for makes it more.
 */
int64_t kv_row_max(uint64_t body_max);

/*
 * OK for what may be stored. E_BAD_REQUEST, or E_TOO_LARGE for one that its
 * exponents make too large; then *problem says what is wrong, and where.
 */
enum err kv_check_value(struct arena *, struct str text, unsigned depth,
    uint64_t body_max, const char **problem) MUST_CHECK;

/*
 * NULL, or the operation of a JSON patch that has a member twice. PostgreSQL
 * would take the last one. The patch is valid JSON.
 */
const char *kv_patch_problem(struct arena *, struct str patch);

/* 1 to KV_TTL_MAX; false for anything else. */
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
 * Whether the conditions hold for a key that exists. For a write the statement
 * decides, by the same rules.
 */
bool kv_fits(const struct kv_condition *, int64_t version, int64_t updated_at);

/*
 * After a write that returned this: whether it is worth another try, as the
 * store was full, and held what has expired. That is removed now, for the
 * janitor may be long in coming.
 */
bool kv_sweep_expired(struct tenant_tx *, enum err);

/* The chores, as the janitor. */
void kv_sweep_stores(const struct service *, struct arena *);

#endif
