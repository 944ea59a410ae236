/*
 * Fuzzing JSON: compares the check with a slow one that is written differently,
 * and slices with the tree that cJSON makes of the same text.
 */
#include "lib/json/json.h"
#include "t/fuzz/fuzz.h"

#include <cjson/cJSON.h>
#include <ctype.h>

enum {
	DEPTH = 40,
	/* cJSON reads no more characters of a number. */
	CJSON_NUMBER_MAX = 63,
};

/*
 * The slow check: one function for each rule of the grammar in RFC 8259. Each
 * returns the text after the match, or NULL.
 */
static const char *slow_value(const char *, const char *end, int depth);

static const char *
slow_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

static const char *
slow_digits(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > from ? p : NULL;
}

static const char *
slow_number(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	if (p < end && *p == '0')
		p++;
	else
		p = slow_digits(p, end);
	if (p && p < end && *p == '.')
		p = slow_digits(p + 1, end);
	if (p && p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = slow_digits(p, end);
	}
	return p;
}

static const char *
slow_character(const char *p, const char *end)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)p;
	int n = *u < 0x80 ? 1
	    : *u < 0xC0   ? 0
	    : *u < 0xE0   ? 2
	    : *u < 0xF0   ? 3
			  : 4;
	uint32_t c = n == 1 ? *u : *u & (0x7Fu >> n);

	if (n == 0 || *u >= 0xF8 || end - p < n)
		return NULL;
	for (int i = 1; i < n; i++) {
		if (u[i] >> 6 != 2)
			return NULL;
		c = c << 6 | (u[i] & 0x3F);
	}
	return c < 0x20 || c < least[n] || c > 0x10FFFF || c >> 11 == 27
	    ? NULL
	    : p + n;
}

/* After the backslash. */
static const char *
slow_escape(const char *p, const char *end)
{
	if (p == end || !memchr("\"\\/bfnrtu", *p, 9))
		return NULL;
	if (*p++ != 'u')
		return p;
	for (int i = 0; i < 4; i++)
		if (p == end || !isxdigit((unsigned char)*p++))
			return NULL;
	return p;
}

static const char *
slow_string(const char *p, const char *end)
{
	if (p == end || *p++ != '"')
		return NULL;
	while (p && p < end && *p != '"')
		p = *p == '\\' ? slow_escape(p + 1, end)
			       : slow_character(p, end);
	return p && p < end ? p + 1 : NULL;
}

/* Elements or members, after the opening bracket. */
static const char *
slow_list(const char *p, const char *end, bool object, int depth)
{
	char close = object ? '}' : ']';

	if (depth == 0)
		return NULL;
	p = slow_blanks(p, end);
	if (p < end && *p == close)
		return p + 1;
	for (;;) {
		if (object) {
			p = slow_string(slow_blanks(p, end), end);
			p = p ? slow_blanks(p, end) : NULL;
			if (!p || p == end || *p++ != ':')
				return NULL;
		}
		p = slow_value(p, end, depth - 1);
		if (!p || p == end)
			return NULL;
		if (*p == close)
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

static const char *
slow_word(const char *p, const char *end)
{
	static const char *const words[] = { "null", "true", "false" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]);

		if ((size_t)(end - p) >= n && memcmp(p, words[i], n) == 0)
			return p + n;
	}
	return NULL;
}

/* Includes the blanks on both sides. */
static const char *
slow_value(const char *p, const char *end, int depth)
{
	p = slow_blanks(p, end);
	if (p == end)
		return NULL;
	if (*p == '"')
		p = slow_string(p, end);
	else if (*p == '{' || *p == '[')
		p = slow_list(p + 1, end, *p == '{', depth);
	else if (*p >= 'a' && *p <= 'z')
		p = slow_word(p, end);
	else
		p = slow_number(p, end);
	return p ? slow_blanks(p, end) : NULL;
}

static bool
slow_check(struct str text)
{
	const char *end = text.p + text.n;

	return slow_value(text.p, end, DEPTH) == end;
}

/* Whether slices and tree agree on a value and all nested ones. */
static bool is_same(struct arena *, struct str, const cJSON *);

static bool
is_same_text(struct arena *mem, struct str value, const char *text)
{
	struct str said;

	return json_unquote(mem, value, &said) && str_eq(said, str_of(text));
}

static bool
is_same_list(struct arena *mem, struct str value, const cJSON *tree)
{
	const cJSON *child = tree->child;
	struct json_walk walk;
	struct json_item item;

	json_walk(&walk, mem, value);
	for (; json_next(&walk, &item); child = child->next)
		if (!child || !str_eq(item.name, str_of(child->string)) ||
		    !is_same(mem, item.value, child))
			return false;
	return !child && !walk.failed;
}

static bool
is_same(struct arena *mem, struct str value, const cJSON *tree)
{
	switch (json_kind(value)) {
	case JSON_NULL:
		return cJSON_IsNull(tree);
	case JSON_BOOL:
		return cJSON_IsBool(tree) &&
		    json_is_true(value) == (bool)cJSON_IsTrue(tree);
	case JSON_NUMBER:
		return cJSON_IsNumber(tree) &&
		    strtod(arena_copy(mem, value.p, value.n), NULL) ==
		    tree->valuedouble;
	case JSON_TEXT:
		return cJSON_IsString(tree) &&
		    is_same_text(mem, value, tree->valuestring);
	case JSON_ARRAY:
		return cJSON_IsArray(tree) && is_same_list(mem, value, tree);
	case JSON_OBJECT:
		return cJSON_IsObject(tree) && is_same_list(mem, value, tree);
	}
	return false;
}

static bool
has_long_number(struct str text)
{
	size_t run = 0;

	for (size_t i = 0; i < text.n && run <= CJSON_NUMBER_MAX; i++)
		run = memchr("0123456789+-.eE", text.p[i], 15) ? run + 1 : 0;
	return run > CJSON_NUMBER_MAX;
}

static bool
agrees_with_cjson(struct arena *mem, struct str text)
{
	cJSON *tree = cJSON_ParseWithLength(text.p, text.n);
	bool good = tree && is_same(mem, str_trim(text), tree);

	cJSON_Delete(tree);
	return good;
}

/* Iterating over unchecked text must end. */
static void
walk(struct arena *mem, struct str text)
{
	struct json_walk w;
	struct json_item item;

	json_walk(&w, mem, text);
	while (json_next(&w, &item))
		(void)json_kind(item.value);
}

static bool
fuzz_holds(struct str text)
{
	static struct arena *mem;
	struct json_facts facts;
	struct json_fault fault;
	bool passed = json_check(text, DEPTH, &facts, &fault);

	if (!mem)
		mem = arena_new(16 * 1024 * 1024);
	arena_reset(mem);
	walk(mem, text);
	if (passed != slow_check(text))
		return false;
	if (!passed)
		return fault.reason && fault.at <= text.n;
	if (facts.has_nul || facts.has_lone_surrogate || has_long_number(text))
		return true;
	return agrees_with_cjson(mem, text);
}

#ifndef FUZZ_ENGINE

static void
make_string(struct fuzz *f)
{
	static const char *const pieces[] = { "a", "bc", " ", "\\n", "\\\"",
		"\\\\", "\\/", "\\u0041", "\\u00e9", "\\uD83D\\uDE00",
		"\\ud800", "\\u0000", "\xC3\xA9", "\xE2\x82\xAC",
		"\xF0\x9F\x98\x80", "[", "}", ",", ":" };

	buf_putc(&f->text, '"');
	for (size_t i = fuzz_below(f, 6); i; i--)
		buf_puts(&f->text, FUZZ_PICK(f, pieces));
	buf_putc(&f->text, '"');
}

static void
make_blanks(struct fuzz *f)
{
	static const char *const blanks[] = { "", "", "", " ", "\n\t", "\r\n" };

	buf_puts(&f->text, FUZZ_PICK(f, blanks));
}

static void
make_value(struct fuzz *f, size_t depth)
{
	static const char *const scalars[] = { "null", "true", "false", "0",
		"-0", "1", "-12.5", "1e3", "2E-7", "12345678901234567890",
		"1e999", "0.1e+1" };
	bool object = fuzz_below(f, 2);

	make_blanks(f);
	switch (fuzz_below(f, depth ? 4 : 2)) {
	case 0:
		buf_puts(&f->text, FUZZ_PICK(f, scalars));
		break;
	case 1:
		make_string(f);
		break;
	default:
		buf_putc(&f->text, object ? '{' : '[');
		for (size_t i = fuzz_below(f, 5); i; i--) {
			if (object) {
				make_string(f);
				buf_putc(&f->text, ':');
			}
			make_value(f, depth - 1);
			if (i > 1)
				buf_putc(&f->text, ',');
		}
		buf_putc(&f->text, object ? '}' : ']');
	}
	make_blanks(f);
}

static void
fuzz_make(struct fuzz *f)
{
	/* Sometimes nested deeper than allowed. */
	size_t chain = fuzz_below(f, 50) ? 0 : fuzz_below(f, 2 * DEPTH);

	for (size_t i = 0; i < chain; i++)
		buf_putc(&f->text, '[');
	make_value(f, 6);
	for (size_t i = 0; i < chain; i++)
		buf_putc(&f->text, ']');
}

#endif
