/*
 * UUIDs: written, read back, and refused.
 */
#include "lib/base/uuid.h"
#include "t/unit/tap.h"

static void
test_form(void)
{
	static const char text[] = "0189abcd-ef01-4234-8567-89abcdef0123";
	char room[64], written[UUID_TEXT];
	struct uuid uuid, other;
	struct buf b;

	ok(uuid_of(STR("0189ABCD-EF01-4234-8567-89abcdef0123"), &uuid),
	    "either case is read");
	uuid_text(uuid, written);
	ok(strcmp(written, text) == 0, "lower case is written");
	ok(uuid_of(str_of(written), &other) && uuid_eq(uuid, other),
	    "the written text is read back");
	other.b[15] ^= 1;
	ok(!uuid_eq(uuid, other), "UUIDs that differ in the last bit differ");
	buf_init_fixed(&b, room, sizeof(room));
	buf_uuid(&b, uuid);
	ok(str_eq(buf_view(&b),
	       STR("\"0189abcd-ef01-4234-8567-89abcdef0123\"")),
	    "a JSON string");
}

static void
test_bad(void)
{
	static const char *const bad[] = {
		"",
		"0189abcd-ef01-4234-8567-89abcdef012",
		"0189abcd-ef01-4234-8567-89abcdef01234",
		"0189abcdef0142348567-89abcdef0123-01-",
		"0189abcg-ef01-4234-8567-89abcdef0123",
		"{189abcd-ef01-4234-8567-89abcdef012}",
		"0189abcd_ef01-4234-8567-89abcdef0123",
	};
	struct uuid uuid;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!uuid_of(str_of(bad[i]), &uuid), "no UUID: '%s'", bad[i]);
}

int
main(void)
{
	test_form();
	test_bad();
	return tap_done();
}
