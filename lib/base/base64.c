/*
 * Four digits encode three bytes. The last group may have two or three digits;
 * its spare bits must be zero, or two texts would decode to the same bytes.
 */
#include "lib/base/base64.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static const char url_safe[] = LETTERS "0123456789-_";
static const char standard[] = LETTERS "0123456789+/";

static int
digit_value(char c, const char *digits)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == digits[62] ? 62 : c == digits[63] ? 63 : -1;
}

static bool
decode(struct arena *mem, struct str text, const char *digits,
    struct str *bytes)
{
	unsigned char *to = arena_alloc(mem, text.n / 4 * 3 + 3);
	uint32_t bits = 0;
	unsigned count = 0;
	size_t n = 0;

	if (!to || text.n % 4 == 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int value = digit_value(text.p[i], digits);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		to[n++] = (unsigned char)(bits >> count);
		bits &= (1u << count) - 1;
	}
	*bytes = (struct str){ (const char *)to, n };
	return bits == 0;
}

bool
base64_decode(struct arena *mem, struct str text, struct str *bytes)
{
	return decode(mem, text, url_safe, bytes);
}

bool
base64_decode_standard(struct arena *mem, struct str text, struct str *bytes)
{
	while (text.n && text.p[text.n - 1] == '=')
		text.n--;
	return decode(mem, text, standard, bytes);
}

/* Blobs are large: digits are added in blocks. */
static void
encode(struct buf *b, struct str bytes, const char *digits)
{
	const unsigned char *from = (const unsigned char *)bytes.p;
	char text[1024];
	size_t at = 0, i = 0;

	for (; i + 2 < bytes.n; i += 3) {
		uint32_t bits = (uint32_t)from[i] << 16 |
		    (uint32_t)from[i + 1] << 8 | from[i + 2];

		text[at++] = digits[bits >> 18];
		text[at++] = digits[bits >> 12 & 63];
		text[at++] = digits[bits >> 6 & 63];
		text[at++] = digits[bits & 63];
		if (at == sizeof(text)) {
			buf_add(b, text, at);
			at = 0;
		}
	}
	if (i < bytes.n) {
		uint32_t bits = (uint32_t)from[i] << 16 |
		    (i + 1 < bytes.n ? (uint32_t)from[i + 1] << 8 : 0);

		text[at++] = digits[bits >> 18];
		text[at++] = digits[bits >> 12 & 63];
		if (i + 1 < bytes.n)
			text[at++] = digits[bits >> 6 & 63];
	}
	buf_add(b, text, at);
}

void
buf_base64(struct buf *b, struct str bytes)
{
	encode(b, bytes, url_safe);
}

void
buf_base64_standard(struct buf *b, struct str bytes)
{
	encode(b, bytes, standard);
}
