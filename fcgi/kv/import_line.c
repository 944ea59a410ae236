/*
 * A line of NDJSON, as an export writes it: {"key", "value", "version"?,
 * "expires_at"? or "ttl"?}. The version is ignored; the store assigns its own.
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
problem_of(struct arena *mem, struct str field, const char *problem)
{
	struct buf b;

	buf_init(&b, mem);
	if (field.n)
		buf_printf(&b, "%.*s ", STR_ARGS(field));
	buf_puts(&b, problem);
	return buf_text(&b, problem);
}

static bool
read_expiry(const struct members *m, int64_t *us)
{
	struct str text = m->expires_at;

	*us = m->ttl.is ? clock_wall_us() + m->ttl.v * US_PER_S : 0;
	if (!text.p || json_kind(text) == JSON_NULL)
		return true;
	/* A time has no escapes, so its text is what is between the quotes. */
	return json_kind(text) == JSON_TEXT && !m->ttl.is &&
	    clock_read((struct str){ text.p + 1, text.n - 2 }, us);
}

/* NULL, or what is wrong with the set of members. */
static const char *
check_members(const struct members *m)
{
	if (!m->key.p)
		return "key is required";
	if (!m->value.p)
		return "value is required";
	if (m->end.is || m->keys.is)
		return "end and keys are for the last line only";
	return NULL;
}

static enum err
check_line(struct arena *mem, const struct members *m, uint64_t body_max,
    struct import_line *line, const char **problem)
{
	enum err e;

	*problem = kv_key_problem(m->key);
	if (*problem) {
		*problem = problem_of(mem, STR("key"), *problem);
		return E_BAD_REQUEST;
	}
	e = kv_check_value(mem, m->value, KV_DEPTH_MAX, body_max, problem);
	if (e != OK) {
		*problem = problem_of(mem, STR("value"), *problem);
		return e;
	}
	if (!read_expiry(m, &line->expires_us)) {
		*problem =
		    "expires_at must be a time or null, and not given with ttl";
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
		*problem = problem_of(mem, wrong.field, wrong.sentence);
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
