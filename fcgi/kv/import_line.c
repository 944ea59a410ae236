/*
 * Lines of NDJSON: {"key", "value", "version"?, "expires_at"? or "ttl"?}, as
 * an export writes them. A version means nothing here: the store gives its own.
 */
#include "fcgi/kv/import_line.h"

#include "fcgi/kv/kv.h"
#include "lib/json/bind.h"
#include "lib/json/json.h"
#include "lib/os/clock.h"

struct members {
	struct str key, value, expires_at;
	struct opt_int64 version, ttl, keys;
	struct opt_bool end;
};

#define AT(field) .offset = offsetof(struct members, field)

static const struct bind_field fields[] = {
	{ "key", BIND_TEXT, AT(key) },
	{ "value", BIND_JSON, AT(value) },
	{ "version", BIND_INT, AT(version) },
	{ "expires_at", BIND_JSON, AT(expires_at) },
	{ "ttl", BIND_INT, AT(ttl), .min = 1, .max = KV_TTL_MAX },
	{ "end", BIND_BOOL, AT(end) },
	{ "keys", BIND_INT, AT(keys) },
};

/* "key must be 1 to 256 characters" */
static const char *
about(struct arena *mem, struct str field, const char *problem)
{
	struct buf b;

	buf_init(&b, mem);
	if (field.n)
		buf_printf(&b, "%.*s ", STR_ARGS(field));
	buf_puts(&b, problem);
	buf_putc(&b, '\0');
	return b.failed ? problem : b.p;
}

static bool
read_end(const struct members *m, int64_t *us)
{
	struct str text = m->expires_at;

	*us = m->ttl.is ? clock_wall_us() + m->ttl.v * US_PER_S : 0;
	if (!text.p || json_kind(text) == JSON_NULL)
		return true;
	/* No time needs an escape, so what is between the quotes is the text. */
	return json_kind(text) == JSON_TEXT && !m->ttl.is &&
	    clock_read((struct str){ text.p + 1, text.n - 2 }, us);
}

/* What is wrong with the members as such, or NULL. */
static const char *
check_members(const struct members *m)
{
	if (!m->key.p)
		return "key is required";
	if (!m->value.p)
		return "value is required";
	if (m->end.is || m->keys.is)
		return "end and keys stand alone";
	return NULL;
}

static enum err
check_line(struct arena *mem, const struct members *m, uint64_t body_max,
    struct import_line *line, const char **problem)
{
	enum err e;

	*problem = kv_key_problem(m->key);
	if (*problem) {
		*problem = about(mem, STR("key"), *problem);
		return E_BAD_REQUEST;
	}
	e = kv_check_value(mem, m->value, KV_DEPTH_MAX, body_max, problem);
	if (e != OK) {
		*problem = about(mem, STR("value"), *problem);
		return e;
	}
	if (!read_end(m, &line->expires_us)) {
		*problem = "expires_at must be a time, or null, and ttl not "
			   "besides it";
		return E_BAD_REQUEST;
	}
	return OK;
}

enum err
import_line_parse(struct arena *mem, struct str text, uint64_t body_max,
    struct import_line *line, const char **problem)
{
	struct members m = { 0 };
	struct bind_problem wrong;
	enum err e =
	    bind_object(mem, text, fields, ARRAY_LEN(fields), &m, &wrong);

	*problem = NULL;
	if (e == E_BAD_REQUEST)
		*problem = about(mem, wrong.field, wrong.sentence);
	if (e != OK)
		return e;
	*line = (struct import_line){ .key = m.key, .value = m.value };
	line->is_end = m.end.is && m.end.v && !m.key.p && !m.value.p;
	if (line->is_end)
		return OK;
	*problem = check_members(&m);
	return *problem ? E_BAD_REQUEST
			: check_line(mem, &m, body_max, line, problem);
}
