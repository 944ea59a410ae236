/*
 * The text form of UUIDs: hexadecimal digits at the x, hyphens in between.
 */
#include "lib/base/uuid.h"

static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

void
uuid_text(struct uuid uuid, char to[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; form[i]; i++) {
		uint8_t byte = uuid.b[n / 2];

		to[i] = form[i];
		if (form[i] == 'x')
			to[i] = digits[n++ % 2 ? byte & 15 : byte >> 4];
	}
	to[UUID_TEXT - 1] = '\0';
}

bool
uuid_of(struct str text, struct uuid *uuid)
{
	struct uuid read = { { 0 } };
	size_t n = 0;

	if (text.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int digit = str_hex_digit(text.p[i]);

		if (form[i] != 'x') {
			if (text.p[i] != form[i])
				return false;
			continue;
		}
		if (digit < 0)
			return false;
		read.b[n / 2] = (uint8_t)(read.b[n / 2] << 4 | digit);
		n++;
	}
	*uuid = read;
	return true;
}

bool
uuid_eq(struct uuid a, struct uuid b)
{
	return memcmp(a.b, b.b, sizeof(a.b)) == 0;
}

void
buf_uuid(struct buf *b, struct uuid uuid)
{
	char text[UUID_TEXT];

	uuid_text(uuid, text);
	buf_printf(b, "\"%s\"", text);
}
