/*
 * Values of the protocol: an integer is decimal text, so that it keeps all 64
 * bits; a blob is base64 without padding.
 */
#include "lib/lite/hrana_impl.h"

#include "lib/base/base64.h"
#include "lib/json/json.h"

#include <math.h>
#include <sqlite3.h>

static bool
read_integer(struct str text, int64_t *to)
{
	if (text.n > 1 && text.p[0] == '+' && text.p[1] != '-')
		text = (struct str){ text.p + 1, text.n - 1 };
	return json_to_int(text, to);
}

static bool
read_float(struct str number, double *to)
{
	char copy[64];
	char *long_copy = NULL, *at = copy;

	if (number.n >= sizeof(copy)) {
		long_copy = malloc(number.n + 1);
		if (!long_copy)
			return false;
		at = long_copy;
	}
	memcpy(at, number.p, number.n);
	at[number.n] = '\0';
	*to = strtod(at, NULL);
	free(long_copy);
	return isfinite(*to);
}

static bool
read_text(struct arena *mem, struct str value, struct str *to)
{
	return value.p && json_kind(value) == JSON_TEXT &&
	    json_unquote(mem, value, to);
}

bool
hrana_read_value(struct arena *mem, struct str type, struct str value,
    struct str base64, struct hrana_value *to, const char **why)
{
	struct str text;

	*to = (struct hrana_value){ .kind = HRANA_NULL };
	*why = NULL;
	if (str_eq(type, STR("null")))
		return true;
	if (str_eq(type, STR("integer"))) {
		to->kind = HRANA_INTEGER;
		*why = "an integer must be a string with a decimal integer of "
		       "64 bits";
		return read_text(mem, value, &text) &&
		    read_integer(text, &to->integer);
	}
	if (str_eq(type, STR("float"))) {
		to->kind = HRANA_FLOAT;
		*why = "a float must be a number that a double can hold";
		return value.p && json_kind(value) == JSON_NUMBER &&
		    read_float(value, &to->real);
	}
	if (str_eq(type, STR("text"))) {
		to->kind = HRANA_TEXT;
		*why = "a text must be a string without lone surrogates";
		return read_text(mem, value, &to->bytes);
	}
	if (str_eq(type, STR("blob"))) {
		to->kind = HRANA_BLOB;
		*why = "the `base64` of a blob must be a string with base64";
		return read_text(mem, base64, &text) &&
		    base64_decode_standard(mem, text, &to->bytes);
	}
	*why = "unknown type of a value: expected null, integer, float, text "
	       "or blob";
	return false;
}

/* SQLite borrows texts and blobs: they stay until the run ends. */
int
hrana_bind(struct sqlite3_stmt *stmt, int at, const struct hrana_value *v)
{
	const char *bytes = v->bytes.p ? v->bytes.p : "";

	switch (v->kind) {
	case HRANA_INTEGER:
		return sqlite3_bind_int64(stmt, at, v->integer);
	case HRANA_FLOAT:
		return sqlite3_bind_double(stmt, at, v->real);
	case HRANA_TEXT:
		return sqlite3_bind_text64(stmt, at, bytes, v->bytes.n,
		    SQLITE_STATIC, SQLITE_UTF8);
	case HRANA_BLOB:
		return sqlite3_bind_blob64(stmt, at, bytes, v->bytes.n,
		    SQLITE_STATIC);
	case HRANA_NULL:
		break;
	}
	return sqlite3_bind_null(stmt, at);
}

static void
write_integer(struct buf *b, int64_t value)
{
	char text[24];
	char *at = text + sizeof(text);
	uint64_t n = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	if (value < 0)
		*--at = '-';
	buf_add(b, at, (size_t)(text + sizeof(text) - at));
}

/*
 * The shortest of three texts that reads back as the same double. JSON has
 * neither infinity nor NaN: they become null.
 */
static void
write_float(struct buf *b, double value)
{
	char text[40];

	if (!isfinite(value)) {
		buf_puts(b, "null");
		return;
	}
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, value);
		if (precision == 17 || strtod(text, NULL) == value)
			break;
	}
	buf_puts(b, text);
	if (!strpbrk(text, ".e"))
		buf_puts(b, ".0");
}

void
hrana_write_column(struct buf *b, struct sqlite3_stmt *stmt, int at)
{
	const void *bytes;
	size_t n;

	switch (sqlite3_column_type(stmt, at)) {
	case SQLITE_INTEGER:
		buf_puts(b, "{\"type\":\"integer\",\"value\":\"");
		write_integer(b, sqlite3_column_int64(stmt, at));
		buf_puts(b, "\"}");
		return;
	case SQLITE_FLOAT:
		buf_puts(b, "{\"type\":\"float\",\"value\":");
		write_float(b, sqlite3_column_double(stmt, at));
		buf_putc(b, '}');
		return;
	case SQLITE_TEXT:
		bytes = sqlite3_column_text(stmt, at);
		n = (size_t)sqlite3_column_bytes(stmt, at);
		buf_puts(b, "{\"type\":\"text\",\"value\":");
		buf_json(b, (struct str){ bytes ? bytes : "", n });
		buf_putc(b, '}');
		return;
	case SQLITE_BLOB:
		bytes = sqlite3_column_blob(stmt, at);
		n = (size_t)sqlite3_column_bytes(stmt, at);
		buf_puts(b, "{\"type\":\"blob\",\"base64\":\"");
		buf_base64_standard(b, (struct str){ (const char *)bytes, n });
		buf_puts(b, "\"}");
		return;
	default:
		buf_puts(b, "{\"type\":\"null\"}");
	}
}
