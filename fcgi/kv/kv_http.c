/*
 * Keys, query parameters and headers of the KV routes.
 */
#include "fcgi/kv/kv_http.h"

#include "fcgi/options.h"
#include "lib/os/clock.h"
#include "lib/shm/scoreboard.h"

/* Slots of keys come first. */
enum { COUNTER_FIRST = 16, COUNTERS = 16 };

enum err
kv_open(struct req *r, struct tenant_tx **tx)
{
	return tenant_begin(r, &r->principal->tenant, r->principal->mode, tx);
}

int32_t
kv_counter(const struct req *r)
{
	return (int32_t)(COUNTER_FIRST +
	    (r->slot - r->service->scoreboard->slots) % COUNTERS);
}

static enum err
read_key(struct req *r, struct str *key)
{
	const char *problem = kv_key_problem(r->params[0]);

	*key = r->params[0];
	if (problem)
		return fail_field(r, E_BAD_REQUEST, "key", problem);
	if (str_eq(*key, STR(".")) || str_eq(*key, STR("..")))
		return fail_field(r, E_BAD_REQUEST, "key",
		    "cannot be in a path; use POST /kv/batch");
	return OK;
}

static enum err
read_ttl(struct req *r, struct opt_int64 *ttl)
{
	struct str text;
	enum err e = req_query(r, "ttl", &text);

	if (e != OK || !text.p)
		return e;
	return kv_ttl(text, ttl) ? OK
				 : fail_field(r, E_BAD_REQUEST, "ttl",
				       "must be 1 to 315360000 seconds");
}

enum err
kv_read(struct req *r, struct kv_request *k)
{
	enum err e = read_key(r, &k->key);

	if (e == OK)
		e = read_ttl(r, &k->ttl);
	if (e == OK)
		e = kv_read_condition(r, &k->condition);
	return e == OK ? kv_open(r, &k->tx) : e;
}

enum err
kv_read_flag(struct req *r, const char *name, bool *flag)
{
	struct str text;
	enum err e = req_query(r, name, &text);

	*flag = str_eq(text, STR("true"));
	if (e != OK || !text.p || *flag || str_eq(text, STR("false")))
		return e;
	return fail_field(r, E_BAD_REQUEST, name, "must be true or false");
}

enum err
kv_read_pattern(struct req *r, struct str *pattern, struct glob *g)
{
	const char *problem;
	enum err e = req_query(r, "pattern", pattern);

	if (e != OK)
		return e;
	if (!pattern->p)
		*pattern = STR("*");
	e = glob_read(r->mem, *pattern, g, &problem);
	if (e == E_BAD_REQUEST)
		return fail_field(r, e, "pattern", problem);
	return e == OK ? OK : fail(r, e, "no memory for a pattern");
}

enum err
kv_read_value(struct req *r, unsigned depth)
{
	const char *problem;
	enum err e = kv_check_value(r->mem, r->body, depth,
	    r->service->opts->body_max, &problem);

	return e == OK ? OK : fail_field(r, e, "body", problem);
}

/* Errors of class I7 are raised by io7's own SQL; their messages are public. */
enum err
kv_fail_field(struct req *r, enum err e, const char *field,
    const char *sqlstate, const char *message)
{
	const char *copy;

	if (strncmp(sqlstate, "I7", 2) != 0)
		return fail(r, e, "%s", message);
	copy = arena_copy(r->mem, message, strlen(message));
	return fail_field(r, e, field, copy ? copy : "cannot be applied");
}

enum err
kv_fail(struct req *r, enum err e, const struct tenant_tx *tx)
{
	if (e == E_NOT_FOUND || e == E_STORAGE_FULL)
		return fail(r, e, "%s", tenant_trouble(tx));
	return kv_fail_field(r, e, "body", tenant_sqlstate(tx),
	    tenant_trouble(tx));
}

void
kv_headers(struct req *r, int64_t version, struct opt_int64 expires_at)
{
	char tag[KV_TAG], when[CLOCK_TEXT];

	kv_tag(version, tag);
	resp_header(r, "ETag", tag);
	if (!expires_at.is)
		return;
	clock_text(expires_at.v, when);
	resp_header(r, "Io7-Expires-At", when);
}

void
kv_write_expiry(struct buf *b, struct opt_int64 expires_at)
{
	buf_puts(b, "\"expires_at\":");
	if (expires_at.is)
		buf_time(b, expires_at.v);
	else
		buf_puts(b, "null");
}

enum err
kv_answer(struct req *r, struct str key, int64_t version, bool created,
    struct opt_int64 expires_at)
{
	struct buf *b = resp_body(r, created ? 201 : 200);

	kv_headers(r, version, expires_at);
	buf_puts(b, "{\"key\":");
	buf_json(b, key);
	buf_printf(b, ",\"version\":%lld,\"created\":%s,", (long long)version,
	    created ? "true" : "false");
	kv_write_expiry(b, expires_at);
	buf_puts(b, "}\n");
	return OK;
}
