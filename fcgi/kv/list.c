/*
 * GET /kv lists or counts keys, DELETE /kv removes them.
 */
#include "fcgi/gate/gate.h"
#include "fcgi/http/page.h"
#include "fcgi/kv/glob.h"
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv_http.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "stmts/kv.h"

enum {
	BATCH = 1000, /* keys in one transaction */
	DIGEST = 8,
};

/* The answer comes before a client or nginx times out; see `complete`. */
#define REMOVING_NS (10 * NS_PER_S)

/*
 * A cursor is a digest and the last key of a page, in hex digits. The digest
 * ties the key to its pattern. It is no secret: a cursor gives no access.
 */
static bool
digest_of(struct arena *mem, struct str pattern, struct str key,
    uint8_t digest[CRYPT_SHA256])
{
	struct buf b;

	buf_init(&b, mem);
	buf_str(&b, pattern);
	buf_putc(&b, '\0');
	buf_str(&b, key);
	return !b.failed && crypt_sha256(buf_view(&b), digest);
}

static bool
open_cursor(struct req *r, struct str text, struct str pattern, struct str *key)
{
	uint8_t digest[CRYPT_SHA256];
	char *bytes = arena_alloc(r->mem, text.n / 2 + 1);
	size_t n = text.n / 2;

	if (!bytes || n <= DIGEST || !crypt_unhex(text, bytes, n))
		return false;
	*key = (struct str){ bytes + DIGEST, n - DIGEST };
	return !kv_key_problem(*key) &&
	    digest_of(r->mem, pattern, *key, digest) &&
	    memcmp(digest, bytes, DIGEST) == 0;
}

static enum err
read_cursor(struct req *r, struct str pattern, struct glob *g)
{
	struct str text, key;
	enum err e = req_query(r, "cursor", &text);

	if (e != OK || !text.p)
		return e;
	if (!open_cursor(r, text, pattern, &key))
		return fail_field(r, E_BAD_REQUEST, "cursor",
		    "must be the next_cursor of a page of this pattern");
	return glob_skip(r->mem, g, key) ? OK
					 : fail(r, E_TOO_LARGE, "no memory");
}

static void
write_cursor(struct buf *b, struct str pattern, struct str key)
{
	uint8_t digest[CRYPT_SHA256];
	char text[2 * DIGEST + 2 * 4 * KV_KEY_MAX];

	if (!digest_of(b->mem, pattern, key, digest)) {
		b->failed = true;
		return;
	}
	crypt_hex(digest, DIGEST, text);
	crypt_hex(key.p, key.n, text + 2 * DIGEST);
	buf_printf(b, "\"%.*s\"", (int)(2 * (DIGEST + key.n)), text);
}

static void
write_item(struct buf *b, const struct kv_page_row *row)
{
	buf_puts(b, "{\"key\":");
	buf_json(b, row->key);
	buf_printf(b, ",\"version\":%lld,\"bytes\":%d,",
	    (long long)row->version, (int)row->bytes);
	kv_write_expiry(b, row->expires_at);
	buf_puts(b, ",\"updated_at\":");
	buf_time(b, row->updated_at);
	if (row->value.p) {
		buf_puts(b, ",\"value\":");
		buf_str(b, row->value);
	}
	buf_putc(b, '}');
}

/* One row more than the limit was read, if there is one. */
static void
write_page(struct buf *b, const struct kv_page_row *rows, size_t n,
    size_t limit, bool with_values, struct str pattern)
{
	size_t i = 0;

	buf_puts(b, "{\"items\":[");
	for (; i < n && i < limit; i++) {
		if (with_values && !rows[i].value.p)
			break;
		buf_puts(b, i ? "," : "");
		write_item(b, &rows[i]);
	}
	buf_puts(b, "],\"next_cursor\":");
	if (i < n && i > 0)
		write_cursor(b, pattern, rows[i - 1].key);
	else
		buf_puts(b, "null");
	buf_puts(b, "}\n");
}

struct listing {
	struct str pattern;
	struct glob glob;
	int64_t limit;
	bool with_values, is_count;
	struct tenant_tx *tx;
};

static enum err
read_listing(struct req *r, struct listing *l)
{
	enum err e = kv_read_pattern(r, &l->pattern, &l->glob);

	if (e == OK)
		e = read_cursor(r, l->pattern, &l->glob);
	if (e == OK)
		e = page_limit(r, &l->limit);
	if (e == OK)
		e = kv_read_flag(r, "values", &l->with_values);
	if (e == OK)
		e = kv_read_flag(r, "count", &l->is_count);
	if (e == OK && (l->is_count || l->glob.is_sparse))
		e = gate_enter_scan(r);
	return e == OK ? kv_open(r, &l->tx) : e;
}

static enum err
count(struct req *r, const struct listing *l)
{
	struct kv_count_row *row;
	enum err e =
	    kv_count(l->tx, l->glob.first, l->glob.last, l->glob.like, &row);

	if (e != OK)
		return kv_fail(r, e, l->tx);
	if (row->read >= KV_KEYS_PER_CREDIT)
		e = gate_charge(r, (unsigned)(row->read / KV_KEYS_PER_CREDIT));
	if (e != OK)
		return e;
	buf_printf(resp_body(r, 200), "{\"count\":%lld}\n",
	    (long long)row->keys);
	return OK;
}

enum err
kv_list(struct req *r)
{
	struct kv_page_row *rows;
	struct listing l = { 0 };
	size_t n;
	enum err e = read_listing(r, &l);

	if (e != OK)
		return e;
	if (l.is_count)
		return count(r, &l);
	e = kv_page(l.tx, l.glob.first, l.glob.last, l.glob.like, l.with_values,
	    KV_PAGE_VALUES, l.limit + 1, &rows, &n);
	if (e != OK)
		return kv_fail(r, e, l.tx);
	write_page(resp_body(r, 200), rows, n, (size_t)l.limit, l.with_values,
	    l.pattern);
	return OK;
}

/* *complete is false if the time ran out first. */
static enum err
remove_all(struct req *r, struct tenant_tx *tx, struct glob *g,
    int64_t *removed, bool *complete)
{
	struct kv_delete_matching_row *row;

	*complete = false;
	do {
		enum err e = kv_delete_matching(tx, g->first, g->last, g->like,
		    BATCH, &row);

		if (e != OK)
			return kv_fail(r, e, tx);
		*removed += row->removed;
		*complete = !row->last_key.p;
		if (!*complete && !glob_skip(r->mem, g, row->last_key))
			return fail(r, E_TOO_LARGE, "no memory for a batch");
	} while (!*complete && clock_mono_ns() - r->began_ns < REMOVING_NS);
	return OK;
}

enum err
kv_delete_many(struct req *r)
{
	struct str pattern = { 0 };
	bool confirm, complete;
	struct tenant_tx *tx;
	int64_t removed = 0;
	struct glob g;
	enum err e = req_query(r, "pattern", &pattern);

	if (e == OK && !pattern.p)
		return fail_field(r, E_BAD_REQUEST, "pattern", "is required");
	if (e == OK)
		e = kv_read_pattern(r, &pattern, &g);
	if (e == OK)
		e = kv_read_flag(r, "confirm", &confirm);
	if (e == OK && !confirm)
		return fail_field(r, E_BAD_REQUEST, "confirm",
		    "must be true: deleted keys cannot be restored");
	if (e == OK)
		e = gate_enter_scan(r);
	if (e == OK)
		e = kv_open(r, &tx);
	if (e == OK)
		e = remove_all(r, tx, &g, &removed, &complete);
	if (e != OK)
		return e;
	buf_printf(resp_body(r, 200), "{\"deleted\":%lld,\"complete\":%s}\n",
	    (long long)removed, complete ? "true" : "false");
	return OK;
}
