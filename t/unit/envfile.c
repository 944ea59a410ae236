/*
 * The syntax of an environment file, as systemd.exec(5) describes it and as
 * systemd 252 reads it: every row of `good` was compared with its reader.
 */
#include "lib/os/envfile.h"
#include "t/unit/tap.h"

static struct arena *mem;

static const struct {
	const char *text;
	const char *want; /* NAME=value, one a line */
} good[] = {
	{ "", "" },
	{ "\n\n  \t\n", "" },
	{ "# comment\n; comment\n  # indented\n", "" },
	{ "A=b", "A=b\n" },
	{ "A=b\nC=d\n", "A=b\nC=d\n" },
	{ "A=\n", "A=\n" },
	{ "A=b=c\n", "A=b=c\n" },
	{ "  A = b c \t\n", "A=b c\n" },
	{ "A=b\r\nC=d\r\n", "A=b\nC=d\n" },
	/* An unquoted value is not parsed like a shell's. */
	{ "A=b # no comment\n", "A=b # no comment\n" },
	{ "A=it's \"so\"\n", "A=it's \"so\"\n" },
	{ "A=a\\ b\\\\c\\\"d\n", "A=a b\\c\"d\n" },
	{ "A=$HOME `x`\n", "A=$HOME `x`\n" },
	{ "A=b\\\nc\n", "A=bc\n" },
	{ "A=b \\\n  c\n", "A=b   c\n" },
	{ "A=\\\nb\n", "A=b\n" },
	{ "A=b\\  \n", "A=b \n" },
	{ "A=b\\", "A=b\n" },
	/* Quotes. */
	{ "A='b  c'\n", "A=b  c\n" },
	{ "A=''\n", "A=\n" },
	{ "A=' b '\n", "A= b \n" },
	{ "A='b\\n\"c'\n", "A=b\\n\"c\n" },
	{ "A='b\nc'\nD=e\n", "A=b\nc\nD=e\n" },
	{ "A=\"b  c\"\n", "A=b  c\n" },
	{ "A=\"b\\\"c\\\\d\\$e\\`f\"\n", "A=b\"c\\d$e`f\n" },
	{ "A=\"b\\nc\\'d\"\n", "A=b\\nc\\'d\n" },
	{ "A=\"b\\\nc\"\n", "A=bc\n" },
	{ "A=\"b\nc\"\n", "A=b\nc\n" },
	{ "A=\"b\"  \n", "A=b\n" },
	{ "A=\"b\"'c'\n", "A=bc\n" },
	{ "A=\"b\" 'c' d \n", "A=bcd\n" },
	{ "A='#b'\n", "A=#b\n" },
	{ "A=\xC3\xA9\n", "A=\xC3\xA9\n" },
};

static const struct {
	const char *text;
	unsigned line;
	const char *name, *problem;
} bad[] = {
	{ "A", 1, "", "has no '='" },
	{ "\n\nwords on a line\nA=b\n", 3, "", "has no '='" },
	{ "=b\n", 1, "", "has no name before '='" },
	{ "1A=b\n", 1, "", "has no name before '='" },
	{ "export A=b\n", 1, "", "has no name before '='" },
	{ "A-B=c\n", 1, "", "has no name before '='" },
	{ "\xEF\xBB\xBF"
	  "A=b\n",
	    1, "", "has no name before '='" },
	{ "\nA='b\nc\n", 2, "A", "a quote is never closed" },
	{ "A=\"b\\\"\n", 1, "A", "a quote is never closed" },
	{ "A=\"b\\", 1, "A", "a quote is never closed" },
	{ "A=\xFF\n", 1, "A", "is not UTF-8" },
	{ "# ends \\\nA=b\n", 1, "", "a comment may not end with a backslash" },
};

static void
test_good(const char *text, const char *want)
{
	struct envfile f;
	struct envfile_item item;
	struct buf got;

	buf_init(&got, mem);
	envfile_begin(&f, mem, str_of(text));
	while (envfile_next(&f, &item))
		buf_printf(&got, "%.*s=%.*s%s\n", STR_ARGS(item.name),
		    STR_ARGS(item.value), item.problem ? " (problem)" : "");
	is_slice(buf_view(&got), want, "read as systemd reads it");
}

static void
test_bad(size_t i)
{
	struct envfile f;
	struct envfile_item item;

	envfile_begin(&f, mem, str_of(bad[i].text));
	while (envfile_next(&f, &item) && !item.problem)
		;
	is_str(item.problem, bad[i].problem, "a fault");
	is_slice(item.name, bad[i].name, "its name");
	is_int(item.line, bad[i].line, "its line");
}

static void
test_lines(void)
{
	struct envfile f;
	struct envfile_item item;
	unsigned lines[4] = { 0 };

	envfile_begin(&f, mem, STR("A='1\n2'\nB=3\\\n4\nC\n#\n\nD=5"));
	for (size_t i = 0; i < 4 && envfile_next(&f, &item); i++)
		lines[i] = item.line;
	is_int(lines[0], 1, "an assignment has the number of its first line");
	is_int(lines[1], 3, "after a quote of two lines");
	is_int(lines[2], 5, "after a continued line");
	is_int(lines[3], 8, "after a fault, a comment and a blank line");
}

int
main(void)
{
	mem = arena_new(1024 * 1024);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		test_good(good[i].text, good[i].want);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		test_bad(i);
	test_lines();
	arena_free(mem);
	return tap_done();
}
