/*
 * Slices and buffers: splitting, decoding, UTF-8, and buffers that overflow.
 */
#include "lib/base/str.h"
#include "t/unit/tap.h"

static struct arena *mem;

static void
test_slices(void)
{
	ok(str_eq(str_of(NULL), STR("")), "NULL is the empty slice");
	ok(!str_eq(STR("a"), STR("b")), "different texts differ");
	ok(!str_eq(STR("a"), STR("ab")), "a prefix differs");
	ok(str_eq_nocase(STR("Content-TYPE"), STR("content-type")),
	    "the case of letters is ignored");
	ok(!str_eq_nocase(STR("a["), STR("A{")),
	    "other characters have no case");
	ok(str_starts(STR("bearer"), STR("bear")), "starts");
	ok(!str_starts(STR("be"), STR("bear")),
	    "a shorter text does not start with a longer");
	is_slice(str_trim(STR(" \t a b\r\n")), "a b", "blanks are trimmed");
	is_slice(str_trim(STR("  ")), "", "a blank text becomes empty");
}

static void
test_split(void)
{
	struct str rest = STR("a,,b"), piece;

	ok(str_split(&rest, ',', &piece), "first");
	is_slice(piece, "a", "the first piece");
	ok(str_split(&rest, ',', &piece), "second");
	is_slice(piece, "", "an empty piece");
	ok(str_split(&rest, ',', &piece), "third");
	is_slice(piece, "b", "the last piece");
	ok(!str_split(&rest, ',', &piece), "no more pieces");

	rest = STR("a,");
	ok(str_split(&rest, ',', &piece) && str_split(&rest, ',', &piece),
	    "a trailing separator has a piece after it");
	is_slice(piece, "", "the piece is empty");
	ok(!str_split(&rest, ',', &piece), "no more pieces");

	rest = STR("");
	ok(str_split(&rest, ',', &piece), "an empty text has one piece");
	ok(!str_split(&rest, ',', &piece), "an empty text has no second piece");
}

static void
test_numbers(void)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1",
		"1e3", "18446744073709551616", "99999999999999999999" };
	uint64_t n = 0;

	ok(str_to_u64(STR("0"), &n) && n == 0, "0");
	ok(str_to_u64(STR("007"), &n) && n == 7, "007");
	ok(str_to_u64(STR("18446744073709551615"), &n) && n == UINT64_MAX,
	    "the largest");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!str_to_u64(str_of(bad[i]), &n), "'%s' is not a number",
		    bad[i]);
}

static void
test_utf8(void)
{
	static const struct {
		const char *bytes;
		long long length; /* -1: malformed */
	} rows[] = {
		{ "", 0 },
		{ "plain", 5 },
		{ "\x7F", 1 },
		{ "\xC2\x80", 1 },
		{ "\xDF\xBF", 1 },
		{ "\xE0\xA0\x80", 1 },
		{ "\xED\x9F\xBF", 1 },
		{ "\xEE\x80\x80", 1 },
		{ "\xEF\xBF\xBF", 1 },
		{ "\xF0\x90\x80\x80", 1 },
		{ "\xF4\x8F\xBF\xBF", 1 },
		{ "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z", 5 },
		/* a continuation alone, and a lead alone */
		{ "\x80", -1 },
		{ "\xBF", -1 },
		{ "\xC3", -1 },
		{ "\xC3z", -1 },
		{ "\xE2\x82", -1 },
		{ "\xF0\x9F\x98", -1 },
		{ "\xE2\x82z", -1 },
		/* overlong */
		{ "\xC0\x80", -1 },
		{ "\xC1\xBF", -1 },
		{ "\xE0\x80\x80", -1 },
		{ "\xE0\x9F\xBF", -1 },
		{ "\xF0\x80\x80\x80", -1 },
		{ "\xF0\x8F\xBF\xBF", -1 },
		/* surrogates */
		{ "\xED\xA0\x80", -1 },
		{ "\xED\xBF\xBF", -1 },
		/* past U+10FFFF */
		{ "\xF4\x90\x80\x80", -1 },
		{ "\xF5\x80\x80\x80", -1 },
		{ "\xF8\x88\x80\x80\x80", -1 },
		{ "\xFE", -1 },
		{ "\xFF", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s = str_of(rows[i].bytes);
		size_t length = str_utf8_length(s);

		ok(length == (size_t)rows[i].length &&
			str_is_utf8(s) == (rows[i].length >= 0),
		    "UTF-8, row %zu", i);
	}
	is_int((long long)str_utf8_step(STR("")), 0,
	    "an empty text has no character");
	is_int((long long)str_utf8_step(STR("\xE2\x82\xAC!")), 3,
	    "a character of three bytes");
}

static void
test_whole_utf8(void)
{
	static const struct {
		const char *text;
		size_t n; /* bytes that are kept */
	} rows[] = {
		{ "", 0 },
		{ "ab", 2 },
		{ "a\xC3\xA9", 3 },
		{ "a\xC3", 1 },
		{ "a\xE2\x82\xAC", 4 },
		{ "a\xE2\x82", 1 },
		{ "a\xF0\x9F\x98\x80", 5 },
		{ "a\xF0\x9F\x98", 1 },
		{ "\xF0", 0 },
		{ "a\x80\x80\x80\x80", 5 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_int((long long)str_whole_utf8(str_of(rows[i].text)).n,
		    (long long)rows[i].n, "whole characters of a text");
}

static void
test_unpercent(void)
{
	static const char *const bad[] = { "%", "a%", "%4", "%zz", "%4g",
		"%%41", "%-1", "% 1" };
	struct str out;

	ok(str_unpercent(mem, STR("a/b"), &out),
	    "a text without escapes is accepted");
	is_slice(out, "a/b", "stays");
	ok(str_unpercent(mem, STR(""), &out), "an empty text is accepted");
	is_slice(out, "", "an empty text stays empty");
	ok(str_unpercent(mem, STR("%41%2f%2F%25x+"), &out),
	    "a text with escapes is accepted");
	is_slice(out, "A//%x+", "escapes are decoded, a plus is kept");
	ok(str_unpercent(mem, STR("%2541"), &out),
	    "an escaped percent sign is accepted");
	is_slice(out, "%41", "escapes are decoded once");
	ok(str_unpercent(mem, STR("%00"), &out), "%%00 is accepted");
	ok(out.n == 1 && out.p[0] == '\0', "%%00 decodes to NUL");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!str_unpercent(mem, str_of(bad[i]), &out), "'%s' is refused",
		    bad[i]);
}

static void
test_percent(void)
{
	struct buf b;

	buf_init(&b, mem);
	buf_percent(&b, STR("aZ09-._~ /?&=%+\xC3\0"));
	is_slice(buf_view(&b), "aZ09-._~%20%2F%3F%26%3D%25%2B%C3%00",
	    "reserved characters are escaped");
}

static void
test_buffers(void)
{
	char room[8];
	struct buf b;

	buf_init_fixed(&b, room, sizeof(room));
	buf_puts(&b, "12345678");
	ok(!b.failed, "an array can be filled");
	buf_putc(&b, '9');
	ok(b.failed, "one byte more fails");
	is_slice(buf_view(&b), "12345678", "text that does not fit is dropped");
	b.n = 0;
	buf_putc(&b, 'x');
	is_int((long long)b.n, 0, "a failed buffer stays failed");

	buf_init_fixed(&b, room, sizeof(room));
	buf_printf(&b, "%d", 123456789);
	ok(b.failed && b.n == 0, "a print is written whole or not at all");

	buf_init(&b, mem);
	is_slice(buf_view(&b), "", "an unused buffer is empty");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%04d", i);
	ok(!b.failed && b.n == 4000, "a buffer in an arena grows");
	is_slice((struct str){ b.p + 3992, 8 }, "09980999",
	    "a buffer keeps its content when it grows");

	struct arena *small = arena_new(1000);

	buf_init(&b, small);
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "xxxx");
	ok(b.failed && b.n < 1000,
	    "a buffer fails at the ceiling of its arena");
	arena_free(small);
}

static void
test_int(void)
{
	static const struct {
		int64_t value;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ -1, "-1" },
		{ 9, "9" },
		{ 10, "10" },
		{ 1234567890123, "1234567890123" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b;

		buf_init(&b, mem);
		buf_int(&b, rows[i].value);
		is_slice(buf_view(&b), rows[i].text, "an integer in decimal");
	}
}

static void
is_quoted(struct str in, const char *want, const char *what)
{
	struct buf b;

	buf_init(&b, mem);
	buf_json(&b, in);
	is_slice(buf_view(&b), want, what);
}

static void
test_json(void)
{
	is_quoted(STR(""), "\"\"", "empty");
	is_quoted(STR("plain / text"), "\"plain / text\"", "plain");
	is_quoted(STR("\b\t\n\f\r\"\\"), "\"\\b\\t\\n\\f\\r\\\"\\\\\"",
	    "short");
	is_quoted(STR("\0\x01\x1F\x7F"), "\"\\u0000\\u0001\\u001f\\u007f\"",
	    "control characters");
	is_quoted(STR("\xC3\xA9\xF0\x9F\x98\x80"),
	    "\"\xC3\xA9\xF0\x9F\x98\x80\"", "UTF-8 stays");
	is_quoted(STR("a\xFF"
		      "b\xC3"),
	    "\"a\xEF\xBF\xBD"
	    "b\xEF\xBF\xBD\"",
	    "invalid UTF-8 is replaced");
}

int
main(void)
{
	mem = arena_new(1024 * 1024);
	test_slices();
	test_split();
	test_numbers();
	test_utf8();
	test_whole_utf8();
	test_unpercent();
	test_percent();
	test_buffers();
	test_int();
	test_json();
	arena_free(mem);
	return tap_done();
}
