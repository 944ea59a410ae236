/*
 * Slices, UTF-8 and buffers.
 */
#include "lib/base/str.h"

struct str
str_of(const char *z)
{
	return (struct str){ z ? z : "", z ? strlen(z) : 0 };
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool
str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq((struct str){ s.p, prefix.n }, prefix);
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
str_trim(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = (struct str){ s.p + 1, s.n - 1 };
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* After the last piece rest->p is NULL. */
bool
str_split(struct str *rest, char by, struct str *piece)
{
	if (!rest->p)
		return false;

	const char *end = rest->n ? memchr(rest->p, by, rest->n) : NULL;

	if (!end) {
		*piece = *rest;
		*rest = (struct str){ NULL, 0 };
		return true;
	}
	*piece = (struct str){ rest->p, (size_t)(end - rest->p) };
	*rest = (struct str){ end + 1, rest->n - piece->n - 1 };
	return true;
}

bool
str_to_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}

/*
 * The bounds on the second byte refuse overlong forms, surrogates and code
 * points above U+10FFFF (Unicode, table 3-7).
 */
size_t
str_utf8_step(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char lo = 0x80, hi = 0xBF;
	size_t need;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xC2 && p[0] <= 0xDF)
		need = 2;
	else if (p[0] >= 0xE0 && p[0] <= 0xEF)
		need = 3;
	else if (p[0] >= 0xF0 && p[0] <= 0xF4)
		need = 4;
	else
		return 0;
	if (p[0] == 0xE0)
		lo = 0xA0;
	else if (p[0] == 0xED)
		hi = 0x9F;
	else if (p[0] == 0xF0)
		lo = 0x90;
	else if (p[0] == 0xF4)
		hi = 0x8F;
	if (s.n < need || p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < need; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return need;
}

size_t
str_utf8_length(struct str s)
{
	size_t count = 0;

	for (; s.n; count++) {
		size_t step = str_utf8_step(s);

		if (step == 0)
			return SIZE_MAX;
		s = (struct str){ s.p + step, s.n - step };
	}
	return count;
}

struct str
str_whole_utf8(struct str s)
{
	size_t n = s.n;

	while (n && s.n - n < 3 && (s.p[n - 1] & 0xC0) == 0x80)
		n--;
	if (!n || (s.p[n - 1] & 0xC0) != 0xC0)
		return s;
	return str_utf8_step((struct str){ s.p + n - 1, s.n - n + 1 })
	    ? s
	    : (struct str){ s.p, n - 1 };
}

bool
str_is_utf8(struct str s)
{
	return str_utf8_length(s) != SIZE_MAX;
}

/* C1 controls are two bytes in UTF-8: C2 80 to C2 9F. */
bool
str_has_control(struct str s, bool lines)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool is_line = c == '\n' || c == '\r' || c == '\t';

		if ((c < 0x20 && !(lines && is_line)) || c == 0x7F)
			return true;
		if (c == 0xC2 && i + 1 < s.n &&
		    (unsigned char)s.p[i + 1] < 0xA0)
			return true;
	}
	return false;
}

int
str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
str_unpercent(struct arena *mem, struct str in, struct str *out)
{
	if (in.n == 0 || !memchr(in.p, '%', in.n)) {
		*out = in;
		return true;
	}

	char *to = arena_alloc(mem, in.n);
	size_t n = 0;

	if (!to)
		return false;
	for (size_t i = 0; i < in.n; i++) {
		if (in.p[i] != '%') {
			to[n++] = in.p[i];
			continue;
		}
		if (in.n - i < 3)
			return false;

		int high = str_hex_digit(in.p[i + 1]);
		int low = str_hex_digit(in.p[i + 2]);

		if (high < 0 || low < 0)
			return false;
		to[n++] = (char)(high * 16 + low);
		i += 2;
	}
	*out = (struct str){ to, n };
	return true;
}

void
buf_init(struct buf *b, struct arena *mem)
{
	*b = (struct buf){ .mem = mem };
}

void
buf_init_fixed(struct buf *b, char *array, size_t size)
{
	*b = (struct buf){ .p = array, .cap = size };
}

/* A buffer that failed once stays failed, so that nothing has a gap. */
static bool
reserve(struct buf *b, size_t n)
{
	if (b->failed)
		return false;
	if (n <= b->cap - b->n)
		return true;
	if (b->mem && n < SIZE_MAX / 4 && b->cap < SIZE_MAX / 4) {
		size_t cap = b->cap * 2 > b->n + n ? b->cap * 2 : b->n + n;
		char *p = arena_alloc(b->mem, cap < 256 ? 256 : cap);

		if (p) {
			if (b->n)
				memcpy(p, b->p, b->n);
			b->p = p;
			b->cap = cap < 256 ? 256 : cap;
			return true;
		}
	}
	b->failed = true;
	return false;
}

void
buf_add(struct buf *b, const void *from, size_t n)
{
	if (n && reserve(b, n)) {
		memcpy(b->p + b->n, from, n);
		b->n += n;
	}
}

void
buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void
buf_puts(struct buf *b, const char *z)
{
	buf_add(b, z, strlen(z));
}

void
buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_int(struct buf *b, int64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		digits[--at] = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		digits[--at] = '-';
	buf_add(b, digits + at, sizeof(digits) - at);
}

/* Formats into the free space; a second time if that was too small. */
void
buf_vprintf(struct buf *b, const char *format, va_list args)
{
	size_t space = b->failed ? 0 : b->cap - b->n;
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(space ? b->p + b->n : NULL, space, format, args);
	/* One byte more for the NUL of vsnprintf. */
	if (n >= 0 && (size_t)n >= space && reserve(b, (size_t)n + 1))
		vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
	if (n >= 0 && !b->failed)
		b->n += (size_t)n;
	va_end(again);
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(b, format, args);
	va_end(args);
}

static void
json_escape(struct buf *b, unsigned char c)
{
	static const char short_form[] = "\b\t\n\f\r\"\\";
	static const char letter[] = "btnfr\"\\";
	const char *at = c ? strchr(short_form, c) : NULL;

	if (at)
		buf_printf(b, "\\%c", letter[at - short_form]);
	else
		buf_printf(b, "\\u%04x", c);
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Copies runs without escapes whole: most strings are one run. */
void
buf_json(struct buf *b, struct str s)
{
	size_t run = 0, i = 0;

	buf_putc(b, '"');
	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		size_t step = 1;

		if (is_plain(c)) {
			i++;
			continue;
		}
		if (c >= 0x80)
			step = str_utf8_step((struct str){ s.p + i, s.n - i });
		if (step > 1) {
			i += step;
			continue;
		}
		buf_add(b, s.p + run, i - run);
		if (step == 0)
			buf_puts(b, "\xEF\xBF\xBD");
		else
			json_escape(b, c);
		run = ++i;
	}
	if (i > run)
		buf_add(b, s.p + run, i - run);
	buf_putc(b, '"');
}

void
buf_percent(struct buf *b, struct str s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (size_t i = 0; i < s.n; i++)
		if (memchr(plain, s.p[i], sizeof(plain) - 1))
			buf_putc(b, s.p[i]);
		else
			buf_printf(b, "%%%02X", (unsigned char)s.p[i]);
}

struct str
buf_view(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}

const char *
buf_text(struct buf *b, const char *otherwise)
{
	buf_putc(b, '\0');
	return b->failed ? otherwise : b->p;
}

const char *
text_printf(struct arena *mem, const char *otherwise, const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init(&b, mem);
	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	return buf_text(&b, otherwise);
}
