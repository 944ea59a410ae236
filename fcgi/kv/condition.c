/*
 * An entity tag is a version in quotes. nginx makes a weak tag of it where it
 * compresses an answer, so a `W/` before it is ignored.
 */
#include "fcgi/kv/condition.h"

#include "fcgi/http/resp.h"
#include "lib/os/clock.h"

void
kv_tag(int64_t version, char to[KV_TAG])
{
	struct buf b;

	buf_init_fixed(&b, to, KV_TAG);
	buf_putc(&b, '"');
	buf_int(&b, version);
	buf_putc(&b, '"');
	buf_putc(&b, '\0');
}

/* Takes a tag off the front of the list; false where it is malformed. */
static bool
take_tag(struct str *list, int64_t *version)
{
	struct str s = *list, tag;
	uint64_t n;

	if (str_starts(s, STR("W/")))
		s = (struct str){ s.p + 2, s.n - 2 };
	if (!str_starts(s, STR("\"")))
		return false;
	s = (struct str){ s.p + 1, s.n - 1 };
	if (!str_split(&s, '"', &tag) || !s.p)
		return false;
	*version = str_to_u64(tag, &n) && n >= 1 && n <= INT64_MAX ? (int64_t)n
								   : KV_NONE;
	*list = s;
	return true;
}

/* Parses tags separated by commas; skips empty members. */
static bool
parse_tags(struct str list, int64_t *versions, size_t *n)
{
	bool needs_comma = false;

	for (list = str_trim(list); list.n; list = str_trim(list)) {
		if (str_starts(list, STR(","))) {
			list = (struct str){ list.p + 1, list.n - 1 };
			needs_comma = false;
			continue;
		}
		if (needs_comma || !take_tag(&list, &versions[*n]))
			return false;
		++*n;
		needs_comma = true;
	}
	return *n > 0;
}

static enum err
read_tags(struct req *r, const char *param, const char *name, struct array *to)
{
	struct str list = str_trim(req_param(r, param));
	int64_t *versions;

	if (!list.n)
		return OK;
	/* A tag has at least two bytes, and all but the last a comma. */
	versions = arena_alloc(r->mem, (list.n / 3 + 1) * sizeof(*versions));
	if (!versions)
		return fail(r, E_TOO_LARGE, "no memory for %s", name);
	to->items = versions;
	if (str_eq(list, STR("*"))) {
		versions[to->n++] = KV_ANY;
		return OK;
	}
	return parse_tags(list, versions, &to->n)
	    ? OK
	    : fail_field(r, E_BAD_REQUEST, name,
		  "must be an ETag in quotes, a list of them, or *");
}

/* Last-Modified has no fraction, so the whole second is included. */
static void
read_unmodified_since(const struct req *r, struct opt_int64 *before)
{
	struct str date = req_param(r, "HTTP_IF_UNMODIFIED_SINCE");
	int64_t second;

	if (date.p && clock_read_http_date(str_trim(date), &second))
		*before = (struct opt_int64){ true, second + US_PER_S };
}

enum err
kv_read_condition(struct req *r, struct kv_condition *c)
{
	enum err e = read_tags(r, "HTTP_IF_MATCH", "If-Match", &c->wanted);

	if (e == OK)
		e = read_tags(r, "HTTP_IF_NONE_MATCH", "If-None-Match",
		    &c->unwanted);
	if (e == OK && !c->wanted.n)
		read_unmodified_since(r, &c->changed_before);
	return e;
}

enum err
kv_refuse_condition(struct req *r)
{
	static const char *const rows[][2] = {
		{ "HTTP_IF_MATCH", "If-Match" },
		{ "HTTP_IF_NONE_MATCH", "If-None-Match" },
		{ "HTTP_IF_UNMODIFIED_SINCE", "If-Unmodified-Since" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (req_param(r, rows[i][0]).p)
			return fail_field(r, E_BAD_REQUEST, rows[i][1],
			    "cannot apply to many keys");
	return OK;
}

enum err
kv_fail_condition(struct req *r, struct opt_int64 version)
{
	char tag[KV_TAG];

	if (version.is) {
		kv_tag(version.v, tag);
		resp_keep(r, "ETag", tag);
	}
	return fail(r, E_PRECONDITION_FAILED, NULL);
}
