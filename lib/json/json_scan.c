/*
 * The check reads token by token and keeps a bit for each level: object or
 * array. There is no recursion, so that deep nesting needs no stack.
 */
#include "lib/json/json.h"

/* The token that is expected next. */
enum want {
	VALUE,
	FIRST_ELEMENT, /* or the end of the array */
	FIRST_NAME,    /* or the end of the object */
	NAME,
	COMMA, /* or the end of the array or object */
	NOTHING,
};

struct scan {
	struct str text;
	size_t at;
	unsigned depth, limit;
	enum want want;
	struct json_facts facts;
	const char *reason;
	uint8_t is_object[JSON_DEPTH_MAX / 8];
};

/* -1 at the end. */
static int
peek(const struct scan *s)
{
	return s->at < s->text.n ? (unsigned char)s->text.p[s->at] : -1;
}

static struct str
rest(const struct scan *s)
{
	return (struct str){ s->text.p + s->at, s->text.n - s->at };
}

static bool
take(struct scan *s, char c)
{
	if (peek(s) != c)
		return false;
	s->at++;
	return true;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void
skip_blanks(struct scan *s)
{
	while (is_blank(peek(s)))
		s->at++;
}

static bool
fail(struct scan *s, const char *reason)
{
	s->reason = reason;
	return false;
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static size_t
take_digits(struct scan *s)
{
	size_t from = s->at;

	while (is_digit(peek(s)))
		s->at++;
	return s->at - from;
}

/* The four digits of \uXXXX, or -1. */
static int
take_unit(struct scan *s)
{
	int unit = 0;

	for (int i = 0; i < 4; i++) {
		int c = peek(s);
		int digit = c < 0 ? -1 : str_hex_digit((char)c);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
		s->at++;
	}
	return unit;
}

static bool
is_high(int unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool
is_low(int unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* A high surrogate takes a low one with it; any other surrogate is lone. */
static bool
unicode_escape(struct scan *s)
{
	int unit = take_unit(s);

	if (unit < 0)
		return fail(s, "\\u is not followed by four digits");
	if (unit == 0)
		s->facts.has_nul = true;
	if (is_high(unit)) {
		size_t second = s->at;

		if (take(s, '\\') && take(s, 'u') && is_low(take_unit(s)))
			return true;
		s->at = second;
	}
	if (is_high(unit) || is_low(unit))
		s->facts.has_lone_surrogate = true;
	return true;
}

static bool
escape(struct scan *s)
{
	int c = peek(s);

	if (c == 'u') {
		s->at++;
		return unicode_escape(s);
	}
	if (c <= 0 || !strchr("\"\\/bfnrt", c))
		return fail(s, "an unknown escape in a string");
	s->at++;
	return true;
}

static bool
string(struct scan *s)
{
	s->at++;
	while (!take(s, '"')) {
		int c = peek(s);
		size_t step = 1;

		if (c < 0)
			return fail(s, "a string is not closed");
		if (c < 0x20)
			return fail(s, "a control character in a string");
		if (c >= 0x80)
			step = str_utf8_step(rest(s));
		if (step == 0)
			return fail(s, "a string is not UTF-8");
		s->at += step;
		if (c == '\\' && !escape(s))
			return false;
	}
	return true;
}

/* The exponent stops growing once it is past every limit. */
static bool
take_exponent(struct scan *s, long *exponent)
{
	bool negative = take(s, '-');
	long value = 0;

	if (!negative)
		take(s, '+');
	if (!is_digit(peek(s)))
		return false;
	for (; is_digit(peek(s)); s->at++)
		if (value < 1000 * 1000)
			value = value * 10 + (peek(s) - '0');
	*exponent = negative ? -value : value;
	return true;
}

static void
count_digits(struct scan *s, size_t whole, size_t fraction, long exponent)
{
	long before = (long)whole + exponent;
	long behind = (long)fraction - exponent;
	long all = (before > 1 ? before : 1) + (behind > 0 ? behind : 0);

	if ((size_t)all > s->facts.digits)
		s->facts.digits = (size_t)all;
	if ((size_t)all > whole + fraction)
		s->facts.implied += (size_t)all - whole - fraction;
}

static bool
number(struct scan *s)
{
	take(s, '-');

	bool zero = peek(s) == '0';
	size_t whole = take_digits(s), fraction = 0;
	long exponent = 0;

	if (whole == 0)
		return fail(s, "a number without digits");
	if (zero && whole > 1)
		return fail(s, "a number with a leading zero");
	if (take(s, '.') && (fraction = take_digits(s)) == 0)
		return fail(s, "a number without digits after its point");
	if ((take(s, 'e') || take(s, 'E')) && !take_exponent(s, &exponent))
		return fail(s, "a number without digits in its exponent");
	count_digits(s, whole, fraction, exponent);
	return true;
}

static bool
word(struct scan *s, struct str w)
{
	if (!str_starts(rest(s), w))
		return fail(s, "an unknown literal");
	s->at += w.n;
	return true;
}

static bool
in_object(const struct scan *s)
{
	unsigned level = s->depth - 1;

	return s->is_object[level / 8] >> level % 8 & 1;
}

static bool
value_done(struct scan *s)
{
	s->want = s->depth ? COMMA : NOTHING;
	return true;
}

static bool
open_level(struct scan *s, bool object)
{
	unsigned level = s->depth;
	uint8_t bit = (uint8_t)(1 << level % 8);

	if (s->depth == s->limit)
		return fail(s, "too many levels");
	s->at++;
	s->depth++;
	if (object)
		s->is_object[level / 8] |= bit;
	else
		s->is_object[level / 8] &= (uint8_t)~bit;
	s->want = object ? FIRST_NAME : FIRST_ELEMENT;
	return true;
}

static bool
close_level(struct scan *s)
{
	s->at++;
	s->depth--;
	return value_done(s);
}

static bool
value(struct scan *s)
{
	int c = peek(s);
	bool good;

	switch (c) {
	case '{':
	case '[':
		return open_level(s, c == '{');
	case '"':
		good = string(s);
		break;
	case 't':
		good = word(s, STR("true"));
		break;
	case 'f':
		good = word(s, STR("false"));
		break;
	case 'n':
		good = word(s, STR("null"));
		break;
	default:
		if (c != '-' && !is_digit(c))
			return fail(s, "a value is missing");
		good = number(s);
	}
	return good && value_done(s);
}

static bool
name(struct scan *s)
{
	if (peek(s) != '"')
		return fail(s, "a name is missing");
	if (!string(s))
		return false;
	skip_blanks(s);
	if (!take(s, ':'))
		return fail(s, "no ':' after a name");
	s->want = VALUE;
	return true;
}

static bool
comma(struct scan *s)
{
	if (peek(s) == (in_object(s) ? '}' : ']'))
		return close_level(s);
	if (!take(s, ','))
		return fail(s, "no ',' between two values");
	s->want = in_object(s) ? NAME : VALUE;
	return true;
}

static bool
token(struct scan *s)
{
	switch (s->want) {
	case FIRST_ELEMENT:
		return peek(s) == ']' ? close_level(s) : value(s);
	case FIRST_NAME:
		return peek(s) == '}' ? close_level(s) : name(s);
	case NAME:
		return name(s);
	case COMMA:
		return comma(s);
	case VALUE:
	case NOTHING:
		break;
	}
	return value(s);
}

static bool
document(struct scan *s)
{
	if (str_starts(s->text, STR("\xEF\xBB\xBF")))
		return fail(s, "a byte order mark");
	skip_blanks(s);
	if (peek(s) < 0)
		return fail(s, "the text is empty");
	while (s->want != NOTHING) {
		skip_blanks(s);
		if (!token(s))
			return false;
	}
	skip_blanks(s);
	return peek(s) < 0 || fail(s, "text after the value");
}

bool
json_check(struct str text, unsigned depth, struct json_facts *facts,
    struct json_fault *fault)
{
	struct scan s = {
		.text = text,
		.limit = depth < JSON_DEPTH_MAX ? depth : JSON_DEPTH_MAX,
		.want = VALUE,
	};
	bool good = document(&s);

	if (facts)
		*facts = s.facts;
	if (fault)
		*fault = (struct json_fault){ s.at, s.reason };
	return good;
}
