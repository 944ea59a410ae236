/*
 * The check of JSON against RFC 8259, row by row, and its facts and faults.
 */
#include "lib/json/json.h"
#include "t/unit/tap.h"

/* A literal that may hold NUL. */
#define TEXT(literal)                        \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct str good[] = {
	TEXT("null"),
	TEXT("true"),
	TEXT("false"),
	TEXT(" \t\r\n0 \t\r\n"),
	TEXT("\"\""),
	TEXT("[]"),
	TEXT("{}"),
	TEXT("[ ]"),
	TEXT("{ }"),
	TEXT("[null,1,\"1\",{}]"),
	TEXT("[1\n,2]"),
	TEXT("[[],[[]]]"),
	TEXT("{\"a\":{\"b\":[{\"c\":null}]}}"),
	TEXT("{\"\":0}"),
	TEXT("{\"a\":1,\"a\":2}"),
	TEXT("{ \"a\" : 1 , \"b\" : [ 2 ] }"),
	/* numbers */
	TEXT("-0"),
	TEXT("0.0"),
	TEXT("-1"),
	TEXT("10"),
	TEXT("1.5e3"),
	TEXT("1E+2"),
	TEXT("1e-2"),
	TEXT("0e1"),
	TEXT("0e+1"),
	TEXT("-0.1e-0001"),
	TEXT("12345678901234567890123456789012345678901234567890"),
	TEXT("1e999999999999999999999999"),
	/* strings */
	TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
	TEXT("\"\\u0000\\u00e9\\uABCD\\uabcd\""),
	TEXT("\"\\ud83d\\ude00\""),
	TEXT("\"\\ud800\""),
	TEXT("\"\\udc00\\ud800\\u0041\""),
	TEXT("\"\x7F\""),
	TEXT("\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\""),
	TEXT("\"\xEF\xBB\xBF\""),
	TEXT("\"\xE2\x80\xA8\""),
	TEXT("\"\xEF\xBF\xBF\xF4\x8F\xBF\xBF\""),
	TEXT("\"[{]}\""),
};

static const struct {
	struct str text;
	size_t at;
	const char *reason;
} bad[] = {
	{ TEXT(""), 0, "the text is empty" },
	{ TEXT(" \n"), 2, "the text is empty" },
	{ TEXT("\xEF\xBB\xBF{}"), 0, "a byte order mark" },
	{ TEXT("\xFF"), 0, "a value is missing" },
	{ TEXT("\0"), 0, "a value is missing" },
	{ TEXT("{}\0"), 2, "text after the value" },
	{ TEXT("1 2"), 2, "text after the value" },
	{ TEXT("[]]"), 2, "text after the value" },
	{ TEXT("{}}"), 2, "text after the value" },
	{ TEXT("{}//"), 2, "text after the value" },
	{ TEXT("\"\"\""), 2, "text after the value" },
	{ TEXT("\f1"), 0, "a value is missing" },
	{ TEXT("[\v1]"), 1, "a value is missing" },
	{ TEXT("[1\xC2\xA0]"), 2, "no ',' between two values" },
	{ TEXT("/**/1"), 0, "a value is missing" },
	{ TEXT("'a'"), 0, "a value is missing" },
	{ TEXT("nul"), 0, "an unknown literal" },
	{ TEXT("True"), 0, "a value is missing" },
	{ TEXT("trux"), 0, "an unknown literal" },
	{ TEXT("truex"), 4, "text after the value" },
	{ TEXT("NaN"), 0, "a value is missing" },
	{ TEXT("Infinity"), 0, "a value is missing" },
	{ TEXT("-Infinity"), 1, "a number without digits" },
	/* arrays and objects */
	{ TEXT("["), 1, "a value is missing" },
	{ TEXT("[1"), 2, "no ',' between two values" },
	{ TEXT("[1,"), 3, "a value is missing" },
	{ TEXT("[1,]"), 3, "a value is missing" },
	{ TEXT("[,1]"), 1, "a value is missing" },
	{ TEXT("[1,,2]"), 3, "a value is missing" },
	{ TEXT("[1 2]"), 3, "no ',' between two values" },
	{ TEXT("[1}"), 2, "no ',' between two values" },
	{ TEXT("[1:2]"), 2, "no ',' between two values" },
	{ TEXT("]"), 0, "a value is missing" },
	{ TEXT("{"), 1, "a name is missing" },
	{ TEXT("{1:1}"), 1, "a name is missing" },
	{ TEXT("{a:1}"), 1, "a name is missing" },
	{ TEXT("{\"a\""), 4, "no ':' after a name" },
	{ TEXT("{\"a\" 1}"), 5, "no ':' after a name" },
	{ TEXT("{\"a\":}"), 5, "a value is missing" },
	{ TEXT("{\"a\":1,}"), 7, "a name is missing" },
	{ TEXT("{\"a\":1]"), 6, "no ',' between two values" },
	{ TEXT("{\"a\":1:2}"), 6, "no ',' between two values" },
	{ TEXT("{\"a\":1 \"b\":2}"), 7, "no ',' between two values" },
	/* numbers */
	{ TEXT("-"), 1, "a number without digits" },
	{ TEXT("+1"), 0, "a value is missing" },
	{ TEXT(".5"), 0, "a value is missing" },
	{ TEXT("01"), 2, "a number with a leading zero" },
	{ TEXT("-01"), 3, "a number with a leading zero" },
	{ TEXT("1."), 2, "a number without digits after its point" },
	{ TEXT("1.e1"), 2, "a number without digits after its point" },
	{ TEXT("1e"), 2, "a number without digits in its exponent" },
	{ TEXT("1e+"), 3, "a number without digits in its exponent" },
	{ TEXT("1e+-1"), 3, "a number without digits in its exponent" },
	{ TEXT("1e1.5"), 3, "text after the value" },
	{ TEXT("0x1"), 1, "text after the value" },
	{ TEXT("1_000"), 1, "text after the value" },
	{ TEXT("--1"), 1, "a number without digits" },
	/* strings */
	{ TEXT("\""), 1, "a string is not closed" },
	{ TEXT("\"a"), 2, "a string is not closed" },
	{ TEXT("\"\\\""), 3, "a string is not closed" },
	{ TEXT("\"\\"), 2, "an unknown escape in a string" },
	{ TEXT("\"\\x41\""), 2, "an unknown escape in a string" },
	{ TEXT("\"\\'\""), 2, "an unknown escape in a string" },
	{ TEXT("\"\\\0\""), 2, "an unknown escape in a string" },
	{ TEXT("\"\\U0041\""), 2, "an unknown escape in a string" },
	{ TEXT("\"\\u004\""), 6, "\\u is not followed by four digits" },
	{ TEXT("\"\\u00g0\""), 5, "\\u is not followed by four digits" },
	{ TEXT("\"\\ud800\\u12\""), 11, "\\u is not followed by four digits" },
	{ TEXT("\"\n\""), 1, "a control character in a string" },
	{ TEXT("\"\t\""), 1, "a control character in a string" },
	{ TEXT("\"a\0\""), 2, "a control character in a string" },
	{ TEXT("\"\x1F\""), 1, "a control character in a string" },
	{ TEXT("\"\x80\""), 1, "a string is not UTF-8" },
	{ TEXT("\"\xC3\""), 1, "a string is not UTF-8" },
	{ TEXT("\"\xC0\x80\""), 1, "a string is not UTF-8" },
	{ TEXT("\"\xED\xA0\x80\""), 1, "a string is not UTF-8" },
	{ TEXT("\"\xF4\x90\x80\x80\""), 1, "a string is not UTF-8" },
	{ TEXT("{\"\xFF\":1}"), 2, "a string is not UTF-8" },
};

static void
test_rows(void)
{
	struct json_fault fault;

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(json_check(good[i], 64, NULL, &fault), "good, row %zu", i);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		bool passed = json_check(bad[i].text, 64, NULL, &fault);

		if (!ok(!passed && fault.at == bad[i].at &&
			    strcmp(fault.reason, bad[i].reason) == 0,
			"bad, row %zu", i))
			printf("# byte %zu: %s\n", fault.at,
			    passed ? "passed" : fault.reason);
	}
}

/* Every prefix of this text is refused. */
static void
test_beginnings(void)
{
	struct str whole = STR("{\"a\\u00e9\xC3\xA9\": [1.5e3, true, null, "
			       "{\"b\": \"\\ud83d\\ude00\"}], \"c\": {}}");
	size_t refused = 0;

	for (size_t n = 0; n < whole.n; n++)
		refused +=
		    !json_check((struct str){ whole.p, n }, 8, NULL, NULL);
	ok(refused == whole.n && json_check(whole, 8, NULL, NULL),
	    "all %zu prefixes are refused", whole.n);
}

static bool
check_nested(const char *open, size_t n, const char *close, unsigned depth)
{
	size_t from = strlen(open), to = strlen(close);
	char *text = malloc(n * (from + to) + 1);
	bool passed;

	if (!text)
		abort();
	for (size_t i = 0; i < n; i++) {
		memcpy(text + i * from, open, from);
		memcpy(text + n * from + i * to, close, to);
	}
	passed = json_check((struct str){ text, n * (from + to) }, depth, NULL,
	    NULL);
	free(text);
	return passed;
}

static void
test_depth(void)
{
	struct json_fault fault;

	ok(json_check(STR("1"), 0, NULL, NULL), "a scalar has no depth");
	ok(!json_check(STR("[]"), 0, NULL, NULL), "an array has depth 1");
	ok(json_check(STR("[[],{}]"), 2, NULL, NULL), "siblings add no depth");
	ok(!json_check(STR("[[[]]]"), 2, NULL, &fault),
	    "a depth above the limit is refused");
	is_str(fault.reason, "too many levels", "the reason");
	is_int((long long)fault.at, 2, "the position");
	ok(check_nested("[", 1024, "]", 4000), "1024 levels");
	ok(check_nested("[{\"a\":[", 341, "]}]", 4000), "1023 mixed levels");
	ok(!check_nested("[", 1025, "]", 4000), "never more than 1024 levels");
	ok(!check_nested("[", 100000, "", 4000), "100,000 brackets");
	ok(!check_nested("{\"a\":", 1000000, "", 4000), "1,000,000 braces");
}

static struct json_facts
facts_of(struct str text)
{
	struct json_facts facts;

	ok(json_check(text, 64, &facts, NULL), "%.*s", STR_ARGS(text));
	return facts;
}

static void
test_facts(void)
{
	static const struct {
		struct str text;
		long long digits;
	} rows[] = {
		{ TEXT("null"), 0 },
		{ TEXT("0"), 1 },
		{ TEXT("-12"), 2 },
		{ TEXT("1.25"), 3 },
		{ TEXT("1e3"), 4 },
		{ TEXT("1.5e3"), 4 },
		{ TEXT("1e-3"), 4 },
		{ TEXT("123e-2"), 3 },
		{ TEXT("1e131071"), 131072 },
		{ TEXT("1e-131071"), 131072 },
		{ TEXT("0e999"), 1000 },
		{ TEXT("[1,22222,{\"333\":1.1}]"), 5 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		is_int((long long)facts_of(rows[i].text).digits, rows[i].digits,
		    "the digits of the number");
	ok(facts_of(STR("1e99999999999999999999")).digits > 1000,
	    "a huge exponent");
	is_int((long long)facts_of(STR("[12, 0.5, -1.0, 1.5e3, 10e-1]"))
		   .implied,
	    2, "digits that exponents add");
	is_int((long long)facts_of(STR("[1e3, 1e-3]")).implied, 6,
	    "they are summed over all numbers");
	ok(!facts_of(STR("\"\\u0001\\\\u0000\"")).has_nul, "no NUL");
	ok(facts_of(STR("[\"a\\u0000\"]")).has_nul, "NUL in a string");
	ok(facts_of(STR("{\"\\u0000\":1}")).has_nul, "NUL in a name");
	ok(!facts_of(STR("\"\\ud83d\\ude00\"")).has_lone_surrogate,
	    "a surrogate pair");
	ok(facts_of(STR("\"\\ud83d\"")).has_lone_surrogate,
	    "a lone high surrogate");
	ok(facts_of(STR("\"\\ude00\"")).has_lone_surrogate,
	    "a lone low surrogate");
	ok(facts_of(STR("\"\\ud83d\\ud83d\\ude00\"")).has_lone_surrogate,
	    "a high surrogate before a pair");
	ok(facts_of(STR("\"\\ud83d\\n\"")).has_lone_surrogate,
	    "a high surrogate before another escape");
}

int
main(void)
{
	test_rows();
	test_beginnings();
	test_depth();
	test_facts();
	return tap_done();
}
