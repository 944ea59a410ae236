/*
 * A path is split at its slashes before its segments are decoded, so that a key
 * may contain an encoded slash.
 */
#include "fcgi/http/route.h"

#include "lib/base/panic.h"
#include "lib/shm/scoreboard.h"

enum { SEGMENTS = 12 };

struct path {
	struct str segment[SEGMENTS];
	size_t n;
};

static const struct route *rows[SCOREBOARD_ROUTES];
static struct path patterns[SCOREBOARD_ROUTES]; /* the paths of the rows */
static size_t rows_n;

static const char *const names[] = {
	[METHOD_UNKNOWN] = "",
	[GET] = "GET",
	[HEAD] = "HEAD",
	[POST] = "POST",
	[PUT] = "PUT",
	[PATCH] = "PATCH",
	[DELETE] = "DELETE",
	[OPTIONS] = "OPTIONS",
};

_Static_assert(ARRAY_LEN(names) == METHOD_COUNT, "every method has a name");

const char *
method_name(enum method m)
{
	return (unsigned)m < METHOD_COUNT ? names[m] : "";
}

enum method
method_of(struct str name)
{
	for (enum method m = GET; m < METHOD_COUNT; m++)
		if (str_eq(name, str_of(names[m])))
			return m;
	return METHOD_UNKNOWN;
}

/* Once, so that a request compares segments without splitting every row. */
static void
split_pattern(const char *text, struct path *pattern)
{
	struct str rest = str_of(text + 1), piece;

	pattern->n = 0;
	while (str_split(&rest, '/', &piece)) {
		if (pattern->n == SEGMENTS)
			BUG("%s has more than %d segments", text, SEGMENTS);
		pattern->segment[pattern->n++] = piece;
	}
}

static bool
is_parameter(struct str segment)
{
	return segment.n && segment.p[0] == ':';
}

void
route_add(const struct route *slice, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows_n == ARRAY_LEN(rows))
			BUG("more than %zu routes", ARRAY_LEN(rows));
		split_pattern(slice[i].path, &patterns[rows_n]);
		rows[rows_n++] = &slice[i];
	}
}

const struct route *
route_at(size_t i)
{
	return i < rows_n ? rows[i] : NULL;
}

int
route_index(const struct route *route)
{
	for (size_t i = 0; route && i < rows_n; i++)
		if (rows[i] == route)
			return (int)i;
	return -1;
}

/* Splits a path and decodes its segments. A segment may not contain a NUL. */
static enum err
split_path(struct arena *mem, struct str raw, struct path *path)
{
	struct str piece;

	path->n = 0;
	if (raw.n == 0 || raw.p[0] != '/')
		return E_BAD_REQUEST;
	raw = (struct str){ raw.p + 1, raw.n - 1 };
	while (str_split(&raw, '/', &piece)) {
		struct str decoded;

		if (!str_unpercent(mem, piece, &decoded) ||
		    (decoded.n && memchr(decoded.p, '\0', decoded.n)))
			return E_BAD_REQUEST;
		if (path->n == SEGMENTS)
			return E_NOT_FOUND;
		path->segment[path->n++] = decoded;
	}
	return OK;
}

/*
 * True if a row matches a path. The score has one bit for each segment, set for
 * a literal, with the first segment highest: the largest score is the best
 * match.
 */
static bool
matches(const struct path *pattern, const struct path *path, unsigned *score,
    struct str params[ROUTE_PARAMS])
{
	size_t taken = 0;

	*score = 0;
	if (pattern->n != path->n)
		return false;
	for (size_t i = 0; i < path->n; i++) {
		*score <<= 1;
		if (is_parameter(pattern->segment[i]))
			params[taken++] = path->segment[i];
		else if (str_eq(pattern->segment[i], path->segment[i]))
			*score |= 1;
		else
			return false;
	}
	return true;
}

/* True if the row ends in a parameter and matches the start of the path. */
static bool
is_prefix(const struct path *pattern, const struct path *path)
{
	struct str params[ROUTE_PARAMS];
	struct path start = *path;
	unsigned score;

	for (start.n = 1; start.n < path->n; start.n++)
		if (matches(pattern, &start, &score, params) && !(score & 1))
			return true;
	return false;
}

bool
route_exceeds_parameter(struct arena *mem, struct str raw)
{
	struct path path;

	if (split_path(mem, raw, &path) != OK)
		return false;
	for (size_t i = 0; i < rows_n; i++)
		if (is_prefix(&patterns[i], &path))
			return true;
	return false;
}

static bool
answers(const struct route *row, enum method method)
{
	return row->method == method || (method == HEAD && row->method == GET);
}

enum err
route_find(struct arena *mem, enum method method, struct str raw,
    const struct route **found, struct str params[ROUTE_PARAMS])
{
	struct path path;
	enum err e = split_path(mem, raw, &path);
	unsigned best = 0, score;

	*found = NULL;
	if (e != OK)
		return e;
	e = E_NOT_FOUND;
	for (size_t i = 0; i < rows_n; i++) {
		struct str mine[ROUTE_PARAMS] = { 0 };

		if (!matches(&patterns[i], &path, &score, mine))
			continue;
		if (!answers(rows[i], method)) {
			e = *found ? OK : E_METHOD_NOT_ALLOWED;
		} else if (!*found || score > best) {
			*found = rows[i];
			best = score;
			e = OK;
			memcpy(params, mine, sizeof(mine));
		}
	}
	return e;
}

void
route_allow(struct arena *mem, struct str raw, struct buf *to)
{
	struct str ignored[ROUTE_PARAMS];
	const struct route *row;
	const char *before = "";

	for (enum method m = GET; m < METHOD_COUNT; m++) {
		if (route_find(mem, m, raw, &row, ignored) != OK)
			continue;
		buf_printf(to, "%s%s", before, method_name(m));
		before = ", ";
	}
}
