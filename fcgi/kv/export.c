/*
 * GET /api/kv/export: a line for each key, read in pages as fast as the client
 * takes them. A page is one statement and therefore consistent. A change
 * between two pages may or may not be seen, but no key comes twice.
 */
#include "fcgi/http/sse.h"
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv_http.h"
#include "stmts/kv.h"

enum {
	PAGE_KEYS = 500,
	PAGE_BYTES = 1 << 20, /* of values; a single value may have more */
};

struct export
{
	struct req *req;
	struct arena *mem; /* for one page */
	struct glob glob;
	bool marks_end;
	uint64_t keys; /* sent so far */
	char after[4 * KV_KEY_MAX + 1];
};

static enum err
read_page(struct export *x, struct kv_page_row **rows, size_t *n)
{
	struct req *r = x->req;
	struct tenant_tx *tx;
	enum err e = tenant_open(r->service->db, x->mem, &r->principal->tenant,
	    r->principal->mode, &tx);

	if (e != OK)
		return fail(r, e, "schema %s", r->principal->tenant.schema);
	e = kv_page(tx, x->glob.first, x->glob.last, x->glob.like, true,
	    PAGE_BYTES, PAGE_KEYS, rows, n);
	return e == OK ? OK : kv_fail(r, e, tx);
}

static void
write_line(struct buf *b, const struct kv_page_row *row)
{
	buf_puts(b, "{\"key\":");
	buf_json(b, row->key);
	buf_puts(b, ",\"value\":");
	buf_str(b, row->value);
	buf_printf(b, ",\"version\":%lld", (long long)row->version);
	if (row->expires_at.is) {
		buf_putc(b, ',');
		kv_write_expiry(b, row->expires_at);
	}
	buf_puts(b, "}\n");
}

/* Keys have no control characters, so no key sorts between key and key + \1. */
static void
continue_after(struct export *x, struct str key)
{
	struct buf b;

	buf_init_fixed(&b, x->after, sizeof(x->after));
	buf_str(&b, key);
	buf_putc(&b, '\1');
	x->glob.first = buf_view(&b);
}

/* False if the client has closed the connection. */
static bool
send_page(struct export *x, const struct kv_page_row *rows, size_t n)
{
	struct buf b;

	buf_init(&b, x->mem);
	for (size_t i = 0; i < n && rows[i].value.p; i++) {
		write_line(&b, &rows[i]);
		continue_after(x, rows[i].key);
		x->keys++;
	}
	return !b.failed && resp_write(x->req, buf_view(&b)) &&
	    resp_flush(x->req);
}

/*
 * nginx ends an answer of unknown length properly even if the worker has died.
 * With ?end=true a last line proves that the export is complete.
 */
static void
send_end(struct export *x)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "{\"end\":true,\"keys\":%llu}\n",
	    (unsigned long long)x->keys);

	if (x->marks_end && resp_write(x->req, (struct str){ line, (size_t)n }))
		resp_flush(x->req);
}

/* OK also if the client has closed the connection. */
static enum err
export_all(struct export *x)
{
	struct kv_page_row *rows = NULL;
	struct req *r = x->req;
	size_t n = 0;

	do {
		enum err e;

		arena_reset(x->mem);
		e = read_page(x, &rows, &n);
		if (e != OK)
			return e;
		if (!send_page(x, rows, n))
			return OK;
		if (!sse_wait(r, 0))
			return req_is_gone(r)
			    ? OK
			    : fail(r, E_UNAVAILABLE,
				  "the worker is shutting down");
	} while (n);
	send_end(x);
	return OK;
}

enum err
kv_export(struct req *r)
{
	struct export x = { .req = r };
	struct str pattern;
	enum err e = kv_read_pattern(r, &pattern, &x.glob);

	if (e == OK)
		e = kv_read_flag(r, "end", &x.marks_end);
	if (e == OK)
		e = req_scratch(r, &x.mem);
	if (e != OK)
		return e;
	if (!resp_begin(r, "application/x-ndjson") || r->method == HEAD)
		return OK;
	e = export_all(&x);
	if (e != OK)
		resp_give_up(r, e);
	return e;
}
