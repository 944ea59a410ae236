/*
 * Four digits encode three bytes. The last group may have two or three digits;
 * its spare bits must be zero, or two texts would decode to the same bytes.
 */
#include "lib/base/base64.h"

static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool
base64_decode(struct arena *mem, struct str text, struct str *bytes)
{
	unsigned char *to = arena_alloc(mem, text.n / 4 * 3 + 3);
	uint32_t bits = 0;
	unsigned count = 0;
	size_t n = 0;

	if (!to || text.n % 4 == 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int value = digit_value(text.p[i]);

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

void
buf_base64(struct buf *b, struct str bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned count = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		bits = bits << 8 | (unsigned char)bytes.p[i];
		for (count += 8; count >= 6; count -= 6)
			buf_putc(b, digits[bits >> (count - 6) & 63]);
	}
	if (count)
		buf_putc(b, digits[bits << (6 - count) & 63]);
}
