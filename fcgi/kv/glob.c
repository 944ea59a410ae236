/*
 * The text before the first wildcard is a prefix of all matching keys, which
 * gives the range. Keys are compared bytewise, whatever the collation of the
 * database.
 */
#include "fcgi/kv/glob.h"

#include "fcgi/kv/kv.h"

/* The last character of Unicode. */
static const char highest[] = "\xF4\x8F\xBF\xBF";

/* The characters that are special in LIKE are escaped. */
static void
put_literal(struct buf *like, struct str c)
{
	if (c.n == 1 && strchr("%_\\", c.p[0]))
		buf_putc(like, '\\');
	buf_str(like, c);
}

static struct str
take_character(struct str *rest)
{
	struct str c = { rest->p, str_utf8_step(*rest) };

	*rest = (struct str){ rest->p + c.n, rest->n - c.n };
	return c;
}

static void
put_star(struct buf *like, struct str *rest)
{
	while (str_starts(*rest, STR("*")))
		take_character(rest);
	buf_putc(like, '%');
}

/*
 * False if the pattern ends in a backslash. All keys of the range match only if
 * one star follows the prefix, and nothing else.
 */
static bool
translate(struct str rest, struct buf *like, struct buf *prefix,
    bool *is_sparse)
{
	bool is_prefix = true;

	*is_sparse = true;

	while (rest.n) {
		struct str c = take_character(&rest);

		if (str_eq(c, STR("*"))) {
			put_star(like, &rest);
			*is_sparse = !is_prefix || rest.n;
			is_prefix = false;
			continue;
		}
		if (str_eq(c, STR("?"))) {
			is_prefix = false;
			buf_putc(like, '_');
			continue;
		}
		if (str_eq(c, STR("\\"))) {
			if (!rest.n)
				return false;
			c = take_character(&rest);
		}
		put_literal(like, c);
		if (is_prefix)
			buf_str(prefix, c);
	}
	return true;
}

enum err
glob_read(struct arena *mem, struct str pattern, struct glob *g,
    const char **problem)
{
	size_t n = str_utf8_length(pattern);
	struct buf like, first, last;
	bool is_sparse;

	*problem = NULL;
	if (n == SIZE_MAX)
		*problem = "must be UTF-8";
	else if (n < 1 || n > GLOB_MAX)
		*problem = "must be 1 to 512 characters";
	else if (memchr(pattern.p, '\0', pattern.n))
		*problem = "must not contain a NUL";
	if (*problem)
		return E_BAD_REQUEST;
	buf_init(&like, mem);
	buf_init(&first, mem);
	buf_init(&last, mem);
	if (!translate(pattern, &like, &first, &is_sparse)) {
		*problem = "must not end in a backslash";
		return E_BAD_REQUEST;
	}
	buf_str(&last, buf_view(&first));
	for (int i = 0; i < KV_KEY_MAX; i++)
		buf_puts(&last, highest);
	*g = (struct glob){ buf_view(&first), buf_view(&last), buf_view(&like),
		is_sparse };
	return like.failed || first.failed || last.failed ? E_TOO_LARGE : OK;
}

/* Keys have no control characters, so no key sorts between key and key + \1. */
bool
glob_skip(struct arena *mem, struct glob *g, struct str key)
{
	struct buf b;

	buf_init(&b, mem);
	buf_str(&b, key);
	buf_putc(&b, '\1');
	g->first = buf_view(&b);
	return !b.failed;
}
