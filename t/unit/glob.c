/*
 * Patterns of keys: the range of keys, and the pattern for LIKE.
 */
#include "fcgi/kv/glob.h"
#include "fcgi/kv/kv.h"
#include "t/unit/tap.h"

static struct arena *mem;

static void
test_good(void)
{
	static const struct {
		const char *pattern, *first, *like;
		bool is_sparse;
	} rows[] = {
		{ "*", "", "%", false },
		{ "***", "", "%", false },
		{ "a", "a", "a", true },
		{ "a*", "a", "a%", false },
		{ "a*b?", "a", "a%b_", true },
		{ "?a", "", "_a", true },
		{ "*?*", "", "%_%", true },
		{ "100%*", "100%", "100\\%%", false },
		{ "a_b*", "a_b", "a\\_b%", false },
		{ "\\*\\?\\\\*", "*?\\", "*?\\\\%", false },
		{ "\\a\\%", "a%", "a\\%", true },
		{ "\xC3\xA4?", "\xC3\xA4", "\xC3\xA4_", true },
		{ "\\\xE2\x82\xAC*", "\xE2\x82\xAC", "\xE2\x82\xAC%", false },
	};
	const char *problem;
	struct glob g;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		is_int(glob_read(mem, str_of(rows[i].pattern), &g, &problem),
		    OK, rows[i].pattern);
		is_slice(g.first, rows[i].first,
		    "... the range begins with the prefix");
		is_slice(g.like, rows[i].like,
		    "... the pattern for LIKE is derived");
		ok(g.is_sparse == rows[i].is_sparse,
		    "... and whether other keys can be in the range");
		ok(str_starts(g.last, g.first) &&
			g.last.n == g.first.n + 4 * (size_t)KV_KEY_MAX,
		    "... and ends after every key with that prefix");
	}
}

static void
test_bad(void)
{
	static const struct {
		struct str pattern;
		const char *problem;
	} rows[] = {
		{ { "", 0 }, "must be 1 to 512 characters" },
		{ { "\xFF", 1 }, "must be UTF-8" },
		{ { "a\0b", 3 }, "must not contain a NUL" },
		{ { "a\\", 2 }, "must not end in a backslash" },
		{ { "\\\\\\", 3 }, "must not end in a backslash" },
	};
	const char *problem;
	struct glob g;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		is_int(glob_read(mem, rows[i].pattern, &g, &problem),
		    E_BAD_REQUEST, "a bad pattern is refused");
		is_str(problem, rows[i].problem, rows[i].problem);
	}
}

static void
test_skip(void)
{
	const char *problem;
	struct glob g;

	is_int(glob_read(mem, STR("a*"), &g, &problem), OK,
	    "a pattern is read");
	ok(glob_skip(mem, &g, STR("abc")),
	    "the range can continue after a key");
	ok(memcmp(g.first.p, "abc", 3) == 0 && memcmp(g.first.p, "abc ", 4) < 0,
	    "but before longer keys with that prefix");
}

int
main(void)
{
	mem = arena_new(1 << 20);
	test_good();
	test_bad();
	test_skip();
	arena_free(mem);
	return tap_done();
}
