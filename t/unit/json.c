/*
 * Trees of JSON: errors that only a tree detects, and access to values.
 */
#include "lib/json/json.h"
#include "t/unit/tap.h"

static struct arena *mem;
static struct json_fault fault;

static const struct json *
parsed(struct str text)
{
	const struct json *j = NULL;

	is_int(json_parse(mem, text, &j, &fault), OK, text.p);
	return j;
}

static void
is_refused(struct str text, const char *reason)
{
	const struct json *j;

	is_int(json_parse(mem, text, &j, &fault), E_BAD_REQUEST, "refused");
	is_str(fault.reason, reason, reason);
}

static void
test_refused(void)
{
	static char large[300 * 1024];
	const struct json *j;
	struct buf b;

	is_refused(STR("[1,]"), "a value is missing");
	is_int((long long)fault.at, 3, "the position of the fault");
	is_refused(STR("01"), "a number with a leading zero");
	is_refused(STR("\"\\u0000\""), "\\u0000 in a string");
	is_refused(STR("\"\\ud800\""), "half of a surrogate pair in a string");
	is_refused(STR("{\"a\":1,\"b\":2,\"a\":3}"), "a name is given twice");
	is_refused(STR("[{\"x\":{\"a\":1,\"\\u0061\":3}}]"),
	    "a name is given twice");
	ok(json_parse(mem, STR("{\"a\":1,\"A\":2}"), &j, &fault) == OK,
	    "names that differ in case are different");

	memset(large, ' ', sizeof(large));
	is_int(json_parse(mem, (struct str){ large, sizeof(large) }, &j,
		   &fault),
	    E_TOO_LARGE, "a text that is too long is refused");

	buf_init(&b, mem);
	for (int i = 0; i < 65; i++)
		buf_putc(&b, '[');
	for (int i = 0; i < 65; i++)
		buf_putc(&b, ']');
	is_refused(buf_view(&b), "too many levels");
	is_int(json_parse(mem, (struct str){ b.p + 1, 128 }, &j, &fault), OK,
	    "64 levels");
}

static void
test_many_names(void)
{
	struct buf b;

	buf_init(&b, mem);
	buf_putc(&b, '{');
	for (int i = 0; i < 15000; i++)
		buf_printf(&b, "\"%d\":%d,", i * 7919 % 15000, i);
	buf_puts(&b, "\"last\":true}");
	ok(json_get(parsed(buf_view(&b)), "last"), "15,000 names");
}

static void
test_found(void)
{
	const struct json *j = parsed(STR("{\"keys\":[{\"kid\":\"a\\u00e9\"},"
					  "{\"kid\":\"b\",\"n\":-7}],"
					  "\"on\":true,\"off\":false}"));
	const struct json *key = json_first(json_get(j, "keys"));
	bool on = false, off = true;
	double real = 0;
	int64_t n = 0;

	is_slice(json_text(json_get(key, "kid")), "a\xC3\xA9", "a string");
	key = json_after(key);
	is_slice(json_text(json_get(key, "kid")), "b",
	    "a string of the next element");
	ok(json_int(json_get(key, "n"), &n) && n == -7, "a number");
	ok(!json_after(key), "the array has two elements");
	ok(json_bool(json_get(j, "on"), &on) && on, "true");
	ok(json_bool(json_get(j, "off"), &off) && !off, "false");
	ok(!json_bool(json_get(j, "keys"), &on), "an array is not a bool");
	ok(!json_text(json_get(j, "on")).p, "a bool is not a string");
	ok(json_is(json_get(j, "keys"), JSON_ARRAY) && json_is(j, JSON_OBJECT),
	    "json_is() recognizes arrays and objects");
	ok(!json_is(json_get(j, "keys"), JSON_OBJECT) &&
		!json_is(json_get(j, "no"), JSON_NULL),
	    "json_is() distinguishes them");
	ok(json_real(json_get(key, "n"), &real) && real == -7, "a double");
	ok(!json_real(json_get(j, "on"), &real), "a bool is not a number");
	ok(!json_get(j, "KEYS"), "names are case-sensitive");
	ok(!json_text(json_get(json_get(j, "no"), "way")).p,
	    "a missing path yields NULL");
	ok(!json_first(NULL) && !json_after(NULL), "NULL has no elements");
	ok(!json_int(NULL, &n) && !json_bool(NULL, &on), "NULL has no value");
}

static void
test_numbers(void)
{
	static const struct {
		const char *text;
		bool is_int;
		int64_t value;
	} rows[] = {
		{ "0", true, 0 },
		{ "1700000000", true, 1700000000 },
		{ "1.7e9", true, 1700000000 },
		{ "9007199254740991", true, 9007199254740991 },
		{ "-9007199254740991", true, -9007199254740991 },
		{ "9007199254740992", false, 0 },
		{ "9007199254740993", false, 0 },
		{ "12345678901234567890", false, 0 },
		{ "1.5", false, 0 },
		{ "1e400", false, 0 },
		{ "-1e400", false, 0 },
		{ "\"1\"", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *j = parsed(str_of(rows[i].text));
		int64_t n = 0;

		ok(json_int(j, &n) == rows[i].is_int &&
			(!rows[i].is_int || n == rows[i].value),
		    "%s is exact or refused", rows[i].text);
	}
}

int
main(void)
{
	mem = arena_new(4 * 1024 * 1024);
	test_refused();
	test_many_names();
	test_found();
	test_numbers();
	arena_free(mem);
	return tap_done();
}
