/*
 * Binding: every type, every problem, and members that are missing.
 */
#include "lib/json/bind.h"
#include "t/unit/tap.h"

struct key {
	struct str label, note, mode, meta;
	int64_t count;
	bool on;
	struct opt_int64 grace, until;
	struct opt_bool enabled;
	struct array scopes, names;
};

#define AT(field) .offset = offsetof(struct key, field)

static const char *const modes[] = { "test", "live", NULL };
static const char *const scopes[] = { "read", "write", NULL };

/* clang-format off */
static const struct bind_field fields[] = {
	{ "label", BIND_TEXT, true, AT(label), .min = 1, .max = 5 },
	{ "note", BIND_TEXT, AT(note), .lines = true },
	{ "mode", BIND_TEXT, AT(mode), .choices = modes },
	{ "meta", BIND_JSON, AT(meta) },
	{ "count", BIND_INT, true, AT(count), .min = -1, .max = 10 },
	{ "on", BIND_BOOL, true, AT(on) },
	{ "grace", BIND_INT, AT(grace), .min = 60 },
	{ "enabled", BIND_BOOL, AT(enabled) },
	{ "scopes", BIND_LIST, AT(scopes), .min = 1, .max = 2,
		.choices = scopes },
	{ "names", BIND_LIST, AT(names) },
	{ "until", BIND_TIME, AT(until) },
};
/* clang-format on */

static struct arena *mem;
static struct bind_problem problem;

static enum err
bind(struct str body, struct key *to)
{
	return bind_object(mem, body, fields, ARRAY_LEN(fields), to, &problem);
}

static void
test_values(void)
{
	struct key k = { .grace = { true, 7 } };
	const struct str *items;

	is_int(bind(STR("{\"label\":\"caf\\u00e9\",\"count\":10,\"on\":true}"),
		   &k),
	    OK, "the required members are enough");
	is_slice(k.label, "caf\xC3\xA9", "a text");
	is_int(k.count, 10, "an int");
	ok(k.on, "a bool");
	ok(!k.note.p && !k.mode.p && !k.meta.p, "missing texts");
	ok(k.grace.is && k.grace.v == 7, "a missing int keeps its value");
	ok(!k.enabled.is && k.scopes.n == 0, "a missing bool and list");

	is_int(bind(STR(" {\"on\":false, \"count\":-1, \"label\":\"x\",\n"
			"\"note\":\"a\\n\\tb\", \"mode\":\"live\",\n"
			"\"meta\": {\"n\": 12345678901234567890},\n"
			"\"grace\":9007199254740993, \"enabled\":false,\n"
			"\"until\":\"1970-01-01T00:00:01.5Z\",\n"
			"\"scopes\":[\"read\",\"write\"], \"names\":[]} "),
		   &k),
	    OK, "everything, in any order");
	ok(!k.on, "false");
	is_slice(k.note, "a\n\tb", "a text of lines");
	is_slice(k.mode, "live", "a choice");
	is_slice(k.meta, "{\"n\": 12345678901234567890}", "JSON untouched");
	ok(k.grace.is && k.grace.v == 9007199254740993, "an exact int");
	ok(k.enabled.is && !k.enabled.v, "a false that was given");
	ok(k.until.is && k.until.v == 1500000, "a time");
	is_int((long long)k.scopes.n, 2, "two items");
	items = k.scopes.items;
	is_slice(items[0], "read", "the first");
	is_slice(items[1], "write", "the second");
	is_int((long long)k.names.n, 0, "an empty list");
}

/* Adds one member to a valid body. */
static void
is_wrong(const char *member, const char *field, const char *sentence)
{
	struct key k = { 0 };
	struct buf b;

	buf_init(&b, mem);
	buf_printf(&b, "{\"label\":\"x\",\"count\":1,\"on\":true,%s}", member);
	is_int(bind(buf_view(&b), &k), E_BAD_REQUEST, member);
	is_slice(problem.field, field, "its field");
	is_str(problem.sentence, sentence, "its sentence");
}

static void
test_members(void)
{
	is_wrong("\"other\":1", "other", "is not known");
	is_wrong("\"Label\":\"x\"", "Label", "is not known");
	is_wrong("\"on\":true", "on", "is given twice");
	is_wrong("\"mode\":\"test\",\"mode\":\"live\"", "mode",
	    "is given twice");
	is_wrong("\"note\":1", "note", "must be a string");
	is_wrong("\"note\":null", "note", "must be a string");
	is_wrong("\"note\":\"a\\u0008\"", "note",
	    "must not contain control characters");
	is_wrong("\"note\":\"a\\u009f\"", "note",
	    "must not contain control characters");
	is_wrong("\"note\":\"a\x7F\"", "note",
	    "must not contain control characters");
	is_wrong("\"mode\":\"\\n\"", "mode",
	    "must not contain control characters");
	is_wrong("\"mode\":\"both\"", "mode", "must be one of test, live");
	is_wrong("\"mode\":\"\"", "mode", "must be one of test, live");
	is_wrong("\"grace\":59", "grace", "must be at least 60");
	is_wrong("\"grace\":\"60\"", "grace", "must be a whole number");
	is_wrong("\"grace\":60.0", "grace", "must be a whole number");
	is_wrong("\"grace\":9223372036854775808", "grace",
	    "must be a whole number");
	is_wrong("\"enabled\":1", "enabled", "must be true or false");
	is_wrong("\"enabled\":\"true\"", "enabled", "must be true or false");
	is_wrong("\"until\":60", "until", "must be a string");
	is_wrong("\"until\":\"soon\"", "until",
	    "must be a time such as 2030-01-31T12:00:00Z");
	is_wrong("\"scopes\":\"read\"", "scopes",
	    "must be an array of strings");
	is_wrong("\"scopes\":[]", "scopes", "must be 1 to 2 items");
	is_wrong("\"scopes\":[\"read\",\"read\",\"read\"]", "scopes",
	    "must be 1 to 2 items");
	is_wrong("\"scopes\":[\"read\",7]", "scopes",
	    "must be an array of strings");
	is_wrong("\"scopes\":[\"admin\"]", "scopes",
	    "must be one of read, write");
	is_wrong("\"names\":[\"\"]", "names",
	    "must be an array of strings of 1 to 256 characters");
}

static void
is_wrong_body(struct str body, const char *field, const char *sentence)
{
	struct key k = { 0 };

	is_int(bind(body, &k), E_BAD_REQUEST, body.p);
	is_slice(problem.field, field, "its field");
	is_str(problem.sentence, sentence, "its sentence");
}

static void
test_bodies(void)
{
	struct key k = { 0 };

	is_wrong_body(STR(""), "", "is not JSON: the text is empty at byte 0");
	is_wrong_body(STR("{\"a\":01}"), "",
	    "is not JSON: a number with a leading zero at byte 7");
	is_wrong_body(STR("[]"), "", "must be an object");
	is_wrong_body(STR("\"{}\""), "", "must be an object");
	is_wrong_body(STR("{\"label\":\"\\u0000\"}"), "",
	    "must not contain \\u0000");
	is_wrong_body(STR("{\"\\ud800\":1}"), "",
	    "must not contain half of a surrogate pair");
	is_wrong_body(STR("{}"), "label", "is required");
	is_wrong_body(STR("{\"label\":\"x\",\"count\":1}"), "on",
	    "is required");
	is_wrong_body(STR("{\"label\":\"\"}"), "label",
	    "must be 1 to 5 characters");
	is_wrong_body(STR("{\"label\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3"
			  "\xA9\xC3\xA9\"}"),
	    "label", "must be 1 to 5 characters");
	is_wrong_body(STR("{\"count\":11}"), "count", "must be -1 to 10");
	is_int(bind(STR("{\"label\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
			"\",\"count\":1,\"on\":true}"),
		   &k),
	    OK, "lengths count characters, not bytes");
}

static void
test_limits(void)
{
	struct arena *small = arena_new(100);
	struct key k = { 0 };
	struct buf b;

	buf_init(&b, mem);
	buf_puts(&b, "{\"");
	for (int i = 0; i < 100; i++)
		buf_puts(&b, "\xE2\x82\xAC");
	buf_puts(&b, "\":1}");
	is_int(bind(buf_view(&b), &k), E_BAD_REQUEST, "a long unknown name");
	ok(problem.field.n <= 66 && str_is_utf8(problem.field),
	    "is cut between two characters");
	is_int(bind_object(small,
		   STR("{\"names\":[\"1\",\"2\",\"3\",\"4\","
		       "\"5\",\"6\",\"7\"]}"),
		   fields, ARRAY_LEN(fields), &k, &problem),
	    E_TOO_LARGE, "no memory");
	arena_free(small);
}

int
main(void)
{
	mem = arena_new(1024 * 1024);
	test_values();
	test_members();
	test_bodies();
	test_limits();
	arena_free(mem);
	return tap_done();
}
