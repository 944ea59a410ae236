/*
 * Members of JSON objects: values, nulls and commas.
 */
#include "lib/json/member.h"
#include "t/unit/tap.h"

int
main(void)
{
	struct uuid id = { { 0x01 } };
	char room[512];
	struct buf b;

	buf_init_fixed(&b, room, sizeof(room));
	buf_putc(&b, '{');
	member_text(&b, "text", STR("a\"b"));
	member_text(&b, "empty", STR(""));
	member_text(&b, "none", (struct str){ 0 });
	member_int(&b, "int", -9007199254740993);
	member_bool(&b, "yes", true);
	member_bool(&b, "no", false);
	member_time(&b, "at", (struct opt_int64){ true, 1500000 });
	member_time(&b, "never", (struct opt_int64){ 0 });
	member_uuid(&b, "id", (struct opt_uuid){ true, id });
	member_uuid(&b, "nobody", (struct opt_uuid){ 0 });
	member(&b, "inner");
	buf_putc(&b, '{');
	member_int(&b, "n", 0);
	buf_puts(&b, "}}");
	is_slice(buf_view(&b),
	    "{\"text\":\"a\\\"b\",\"empty\":\"\",\"none\":null,"
	    "\"int\":-9007199254740993,\"yes\":true,\"no\":false,"
	    "\"at\":\"1970-01-01T00:00:01.500000Z\",\"never\":null,"
	    "\"id\":\"01000000-0000-0000-0000-000000000000\","
	    "\"nobody\":null,\"inner\":{\"n\":0}}",
	    "an object");
	return tap_done();
}
