/*
 * Slices of JSON: kinds, strings, numbers, and iteration.
 */
#include "lib/json/json.h"
#include "t/unit/tap.h"

static struct arena *mem;

static void
test_kinds(void)
{
	is_int(json_kind(STR("null")), JSON_NULL, "null");
	is_int(json_kind(STR("true")), JSON_BOOL, "true");
	is_int(json_kind(STR("false")), JSON_BOOL, "false");
	is_int(json_kind(STR("-1")), JSON_NUMBER, "a number");
	is_int(json_kind(STR("\"\"")), JSON_TEXT, "a text");
	is_int(json_kind(STR("[]")), JSON_ARRAY, "an array");
	is_int(json_kind(STR("{}")), JSON_OBJECT, "an object");
	ok(json_is_true(STR("true")) && !json_is_true(STR("false")), "is true");
}

static void
test_ints(void)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "-7", -7 },
		{ "9007199254740993", 9007199254740993 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};
	static const char *const bad[] = { "9223372036854775808",
		"-9223372036854775809", "1.0", "1e3", "12345678901234567890",
		"\"1\"", "null", "true", "-", "" };
	int64_t value;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(json_to_int(str_of(good[i].text), &value) &&
			value == good[i].value,
		    "%s, to the last digit", good[i].text);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!json_to_int(str_of(bad[i]), &value), "no int: %s", bad[i]);
}

static void
is_said(struct str value, const char *want, const char *what)
{
	struct str said = STR("(none)");

	ok(json_unquote(mem, value, &said), "the string is decoded");
	is_slice(said, want, what);
}

static void
test_unquote(void)
{
	struct str said, plain = STR("\"plain\"");
	struct arena *small = arena_new(10);

	is_said(STR("\"\""), "", "nothing");
	is_said(plain, "plain", "plain");
	ok(json_unquote(mem, plain, &said) && said.p == plain.p + 1,
	    "a string without escapes is not copied");
	is_said(STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\/\b\f\n\r\t",
	    "short escapes");
	is_said(STR("\"a\\u0041\\u00e9\\u20AC\\ud83d\\ude00z\""),
	    "aA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z", "\\u of each length");
	is_said(STR("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\""),
	    "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF",
	    "UTF-8 bounds of each length");
	is_said(STR("\"\\ud800\\udc00\\udbff\\udfff\""),
	    "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
	    "the first and the last surrogate pair");
	ok(json_unquote(mem, STR("\"\\u0000\""), &said) && said.n == 1 &&
		said.p[0] == '\0',
	    "NUL");
	ok(!json_unquote(mem, STR("\"\\ud800\""), &said),
	    "a lone high surrogate is refused");
	ok(!json_unquote(mem, STR("\"\\udc00\\ud800\""), &said), "swapped");
	ok(!json_unquote(mem, STR("\"\\ud800\\u0041\""), &said), "unpaired");
	ok(!json_unquote(small, STR("\"\\tlonger than ten\""), &said),
	    "decoding fails without memory");
	arena_free(small);
}

/* The result of a walk, as name=value;name=value; */
static struct str
walked(struct str value)
{
	struct json_walk w;
	struct json_item item;
	struct buf b;

	buf_init(&b, mem);
	json_walk(&w, mem, value);
	while (json_next(&w, &item))
		buf_printf(&b, "%.*s=%.*s;", STR_ARGS(item.name),
		    STR_ARGS(item.value));
	if (w.failed)
		buf_puts(&b, "failed");
	return buf_view(&b);
}

static void
test_walks(void)
{
	is_slice(walked(STR("[]")), "", "an empty array");
	is_slice(walked(STR(" { } ")), "", "an empty object");
	is_slice(walked(STR("[1]")), "=1;", "one element");
	is_slice(walked(STR("[ 1 , \"a,]\" ,null,true ]")),
	    "=1;=\"a,]\";=null;=true;", "scalars");
	is_slice(walked(STR("[[1,[2]],{\"a\":\"}]\"}, [] ]")),
	    "=[1,[2]];={\"a\":\"}]\"};=[];", "nested values are slices");
	is_slice(walked(STR("{\"a\":1,\"b\" : { \"c\" : [ ] } }")),
	    "a=1;b={ \"c\" : [ ] };", "members; blanks within values are kept");
	is_slice(walked(STR("{\"a\\n\\u0041\":12345678901234567890}")),
	    "a\nA=12345678901234567890;",
	    "names are decoded, numbers unchanged");
	is_slice(walked(STR("{\"\":\"\\\"\\\\\"}")), "=\"\\\"\\\\\";",
	    "an empty name; values keep their escapes");
	is_slice(walked(STR("{\"a\":1,\"a\":2}")), "a=1;a=2;", "twice");
	is_slice(walked(STR("{\"\\ud800\":1,\"b\":2}")), "failed",
	    "a lone surrogate in a name stops the walk");
	is_slice(walked(STR("7")), "", "a scalar has no items");
	is_slice(walked(STR("\"[1]\"")), "", "a string has no items");
}

/* Unchecked text must not cause an endless loop. */
static void
test_unchecked(void)
{
	static const char *const rows[] = { "", "[", "{", "[]]", "[1]2]", "[}]",
		"{\"a", "{\"a\"}", "{\"a\":}", "{1}", "[\"\\]", "{\"\\u12\":1}",
		"[[[", "[,,]", "\"" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i]);
		char *exact = malloc(n ? n : 1);

		memcpy(exact, rows[i], n);
		ok(walked((struct str){ exact, n }).n < 100, "ends: %s",
		    rows[i]);
		free(exact);
	}
}

int
main(void)
{
	mem = arena_new(1024 * 1024);
	test_kinds();
	test_ints();
	test_unquote();
	test_walks();
	test_unchecked();
	arena_free(mem);
	return tap_done();
}
