/*
 * A slice is the text of a value as it was received, so that a value is passed
 * on unchanged and a number keeps all its digits.
 *
 * The text was checked, so that nothing here reports errors. Text that was not
 * checked yields nonsense, but is never read past its end.
 */
#include "lib/json/json.h"

enum json_kind
json_kind(struct str value)
{
	switch (value.n ? value.p[0] : 'n') {
	case 'n':
		return JSON_NULL;
	case 't':
	case 'f':
		return JSON_BOOL;
	case '"':
		return JSON_TEXT;
	case '[':
		return JSON_ARRAY;
	case '{':
		return JSON_OBJECT;
	default:
		return JSON_NUMBER;
	}
}

bool
json_is_true(struct str value)
{
	return str_eq(value, STR("true"));
}

bool
json_to_int(struct str value, int64_t *to)
{
	bool negative = value.n && value.p[0] == '-';
	struct str digits = { value.p + negative, value.n - negative };
	uint64_t n;

	if (!str_to_u64(digits, &n) || n > (uint64_t)INT64_MAX + negative)
		return false;
	/* -n would overflow for INT64_MIN. */
	*to = negative && n ? -(int64_t)(n - 1) - 1 : (int64_t)n;
	return true;
}

static unsigned
utf16_unit(const char *digits)
{
	unsigned unit = 0;

	for (int i = 0; i < 4; i++)
		unit = unit * 16 + (unsigned)str_hex_digit(digits[i]);
	return unit;
}

static void
put_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_putc(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_putc(b, (char)(0xC0 | c >> 6));
	} else if (c < 0x10000) {
		buf_putc(b, (char)(0xE0 | c >> 12));
		buf_putc(b, (char)(0x80 | (c >> 6 & 0x3F)));
	} else {
		buf_putc(b, (char)(0xF0 | c >> 18));
		buf_putc(b, (char)(0x80 | (c >> 12 & 0x3F)));
		buf_putc(b, (char)(0x80 | (c >> 6 & 0x3F)));
	}
	buf_putc(b, (char)(0x80 | (c & 0x3F)));
}

/*
 * Decodes the \u escape or the pair at the front and returns its length; 0 for
 * half of a surrogate pair.
 */
static size_t
unquote_unicode(struct str s, struct buf *b)
{
	unsigned unit = s.n < 6 ? 0xDC00 : utf16_unit(s.p + 2);

	if (unit < 0xD800 || unit > 0xDFFF) {
		put_utf8(b, unit);
		return 6;
	}
	if (unit > 0xDBFF || s.n < 12 || s.p[6] != '\\' || s.p[7] != 'u')
		return 0;

	unsigned low = utf16_unit(s.p + 8);

	if (low < 0xDC00 || low > 0xDFFF)
		return 0;
	put_utf8(b, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
	return 12;
}

static size_t
unquote_escape(struct str s, struct buf *b)
{
	static const char letters[] = "bfnrt";
	static const char decoded[] = "\b\f\n\r\t";

	if (s.n < 2)
		return 0;
	if (s.p[1] == 'u')
		return unquote_unicode(s, b);

	const char *at = memchr(letters, s.p[1], sizeof(letters) - 1);

	buf_putc(b, at ? decoded[at - letters] : s.p[1]);
	return 2;
}

bool
json_unquote(struct arena *mem, struct str value, struct str *out)
{
	struct str s = { value.p + 1, value.n < 2 ? 0 : value.n - 2 };
	struct buf b;

	*out = s;
	if (s.n == 0 || !memchr(s.p, '\\', s.n))
		return true;

	char *to = arena_alloc(mem, s.n);

	if (!to)
		return false;
	/* Decoded text is never longer than its escapes. */
	buf_init_fixed(&b, to, s.n);
	while (s.n) {
		size_t step = 1;

		if (s.p[0] == '\\')
			step = unquote_escape(s, &b);
		else
			buf_putc(&b, s.p[0]);
		if (step == 0)
			return false;
		s = (struct str){ s.p + step, s.n - step };
	}
	*out = buf_view(&b);
	return true;
}

/* A quote after an odd number of backslashes is one of the text. */
static bool
is_escaped(const char *quote, const char *begin)
{
	const char *p = quote;

	while (p > begin && p[-1] == '\\')
		p--;
	return (quote - p) % 2;
}

/* The length of the string at the front, with its quotes. */
static size_t
string_length(struct str s)
{
	const char *begin = s.p + 1, *end = s.p + s.n, *quote = begin;

	while (quote < end &&
	    (quote = memchr(quote, '"', (size_t)(end - quote)))) {
		if (!is_escaped(quote, begin))
			return (size_t)(quote - s.p) + 1;
		quote++;
	}
	return s.n;
}

static size_t
nested_length(struct str s)
{
	size_t depth = 0, i = 0;

	while (i < s.n) {
		char c = s.p[i];

		if (c == '"') {
			i += string_length((struct str){ s.p + i, s.n - i });
			continue;
		}
		i++;
		if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && --depth == 0)
			break;
	}
	return i;
}

static bool
is_separator(char c)
{
	return c == ',' || c == ':' || c == ' ' || c == '\n' || c == '\t' ||
	    c == '\r';
}

static size_t
value_length(struct str s)
{
	size_t i = 0;

	switch (json_kind(s)) {
	case JSON_TEXT:
		return string_length(s);
	case JSON_ARRAY:
	case JSON_OBJECT:
		return nested_length(s);
	case JSON_NULL:
	case JSON_BOOL:
	case JSON_NUMBER:
		break;
	}
	while (
	    i < s.n && !is_separator(s.p[i]) && s.p[i] != ']' && s.p[i] != '}')
		i++;
	return i;
}

/* Takes the value at the front and the separators after it. */
static struct str
take_value(struct json_walk *w)
{
	size_t n = value_length(w->rest);
	struct str taken = { w->rest.p, n };

	while (n < w->rest.n && is_separator(w->rest.p[n]))
		n++;
	w->rest = (struct str){ w->rest.p + n, w->rest.n - n };
	/*
	 * An empty value occurs only in unchecked text. Without this the loop
	 * would not end.
	 */
	if (taken.n == 0)
		w->failed = true;
	return taken;
}

void
json_walk(struct json_walk *w, struct arena *mem, struct str value)
{
	enum json_kind kind;

	value = str_trim(value);
	kind = json_kind(value);
	*w = (struct json_walk){ .mem = mem, .is_object = kind == JSON_OBJECT };
	if ((kind == JSON_ARRAY || kind == JSON_OBJECT) && value.n > 1)
		w->rest = str_trim((struct str){ value.p + 1, value.n - 2 });
}

bool
json_next(struct json_walk *w, struct json_item *item)
{
	if (w->rest.n == 0 || w->failed)
		return false;
	*item = (struct json_item){ .name = STR("") };
	if (w->is_object && !json_unquote(w->mem, take_value(w), &item->name)) {
		w->failed = true;
		return false;
	}
	item->value = take_value(w);
	return !w->failed;
}
