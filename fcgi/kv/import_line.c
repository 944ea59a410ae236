/*
 * Lines of NDJSON: {"key", "value", "version"?, "expires_at"? or "ttl"?}, as
 * an export writes them. A version means nothing here: the store gives its own.
 */
#include "fcgi/kv/import_line.h"

#include "fcgi/kv/kv.h"
#include "lib/bind.h"
#include "lib/clock.h"
#include "lib/json.h"

enum err
import_open(struct import_window *w, struct req *r)
{
	*w = (struct import_window){
		.req = r,
		.size = (size_t)r->service->opts->body_max + IMPORT_ENVELOPE,
	};
	w->room = arena_alloc(r->mem, w->size);
	return w->room ? OK : fail(r, E_TOO_LARGE, "no memory for lines");
}

enum err
import_read(struct import_window *w)
{
	size_t rest = w->to - w->from, n;
	enum err e;

	memmove(w->room, w->room + w->from, rest);
	w->from = 0;
	w->to = rest;
	while (w->to < w->size && !w->is_at_end) {
		e = req_read_some(w->req, w->room + w->to, w->size - w->to, &n);
		if (e != OK)
			return e;
		w->to += n;
		w->is_at_end = n == 0;
	}
	if (!w->is_at_end && !memchr(w->room, '\n', w->to))
		return fail(w->req, E_TOO_LARGE, NULL);
	return OK;
}

bool
import_next(struct import_window *w, struct str *line)
{
	const char *at = w->room + w->from;
	size_t left = w->to - w->from;
	const char *end = left ? memchr(at, '\n', left) : NULL;

	if (!end && (!left || !w->is_at_end))
		return false;
	*line = (struct str){ at, end ? (size_t)(end - at) : left };
	w->from += line->n + (end != NULL);
	w->line++;
	return true;
}

struct members {
	struct str key, value, expires_at;
	struct opt_int8 version, ttl, keys;
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
import_parse(struct arena *mem, struct str text, uint64_t body_max,
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
