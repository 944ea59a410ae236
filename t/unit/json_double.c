/*
 * Which numbers keep their value as doubles, as jq stores them.
 */
#include "lib/json/json.h"
#include "t/unit/tap.h"

int
main(void)
{
	static const struct {
		const char *text;
		bool fits;
	} rows[] = {
		{ "0", true },
		{ "-0.0", true },
		{ "[1,2.5,-3e10,{\"a\":1e100}]", true },
		{ "9007199254740992", true },
		{ "9007199254740993", false },
		{ "-9007199254740993", false },
		{ "9007199254740993.0", false },
		{ "12345678901234567890", false },
		{ "10000000000000000000", true },
		{ "1152921504606846976", false },
		{ "0.1", true },
		{ "0.30000000000000004", true },
		{ "0.30000000000000003", false },
		{ "0.10000000000000001", false },
		{ "1234567.123456789", true },
		{ "1e400", false },
		{ "1e-400", false },
		{ "0e999", true },
		{ "\"12345678901234567890\"", true },
		{ "{\"12345678901234567890\":\"\\\"9007199254740993\"}", true },
		{ "[\"\\\\\",9007199254740993]", false },
		{ "", true },
	};
	struct arena *mem = arena_new(1 << 20);
	struct buf b;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ok(json_fits_doubles(str_of(rows[i].text)) == rows[i].fits,
		    "%s %s", rows[i].text, rows[i].fits ? "fits" : "does not");
	buf_init(&b, mem);
	buf_puts(&b, "1");
	for (int i = 0; i < 2000; i++)
		buf_putc(&b, '0');
	ok(!json_fits_doubles(buf_view(&b)), "a very long number does not");
	arena_free(mem);
	return tap_done();
}
