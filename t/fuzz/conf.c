/*
 * Fuzzing options: any text is parsed to its end, an accepted value is within
 * its bounds, and a quoted value is read back unchanged.
 */
#include "lib/os/conf.h"
#include "lib/os/envfile.h"
#include "t/fuzz/fuzz.h"

struct values {
	const char *text, *path;
	uint64_t number, bytes;
	int64_t duration;
	bool flag;
};

#define AT(field) .offset = offsetof(struct values, field)

static const struct conf_option options[] = {
	{ "IO7_T", CONF_TEXT, "", "Text.", AT(text), .max = 20 },
	{ "IO7_P", CONF_PATH, "/", "Path.", AT(path), .min = 1 },
	{ "IO7_N", CONF_NUMBER, "7", "Number.", AT(number), .min = 5,
	    .max = 5000 },
	{ "IO7_B", CONF_BYTES, "1K", "Bytes.", AT(bytes), .min = 1024 },
	{ "IO7_D", CONF_DURATION, "1s", "Duration.", AT(duration) },
	{ "IO7_F", CONF_BOOL, "no", "Flag.", AT(flag) },
};

static const struct conf_slice slice = CONF_SLICE(options, struct values);
static const struct conf_slice *const slices[] = { &slice, NULL };

static bool
is_in_bounds(const struct values *v)
{
	return strlen(v->text) <= 20 && v->path[0] == '/' && v->number >= 5 &&
	    v->number <= 5000 && v->bytes >= 1024 && v->duration >= 0;
}

/* The text as the value of each option in turn, in the environment. */
static bool
loads(struct str text)
{
	char entry[256];
	char *const environment[] = { entry, NULL };
	bool good = true;

	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		struct conf *c;

		snprintf(entry, sizeof(entry), "%s=%.*s", options[i].name,
		    STR_ARGS(text));
		c = conf_load(slices, NULL, environment);
		good = good && conf_faults(c) <= 1 &&
		    (conf_faults(c) || is_in_bounds(conf_values(c, &slice)));
		conf_free(c);
	}
	return good;
}

static bool
reads(struct arena *mem, struct str text)
{
	struct envfile f;
	struct envfile_item item;
	unsigned line = 1;

	envfile_begin(&f, mem, text);
	while (envfile_next(&f, &item)) {
		if (item.line < line || (!item.problem && item.name.n == 0))
			return false;
		line = item.line;
	}
	return f.rest.n == 0;
}

static bool
comes_back(struct arena *mem, struct str text)
{
	struct envfile f;
	struct envfile_item item;
	struct buf quoted;

	buf_init(&quoted, mem);
	buf_puts(&quoted, "A=\"");
	for (size_t i = 0; i < text.n; i++) {
		if (memchr("\"\\`$", text.p[i], 4))
			buf_putc(&quoted, '\\');
		buf_putc(&quoted, text.p[i]);
	}
	buf_puts(&quoted, "\"\n");
	envfile_begin(&f, mem, buf_view(&quoted));
	return envfile_next(&f, &item) && str_eq(item.value, text) &&
	    !item.problem == str_is_utf8(text) && !envfile_next(&f, &item);
}

static bool
fuzz_holds(struct str text)
{
	static struct arena *mem;

	if (!mem)
		mem = arena_new(16 * 1024 * 1024);
	arena_reset(mem);
	return reads(mem, text) && comes_back(mem, text) && loads(text);
}

#ifndef FUZZ_ENGINE

static void
fuzz_make(struct fuzz *f)
{
	static const char *const pieces[] = { "A", "IO7_N", "=", "=", "\n",
		"\n", "\r\n", " ", "\t", "'", "\"", "\\", "#", ";", "$", "`",
		"x y", "1", "42", "64K", "10s", "999d", "ms", "/run", "yes",
		"no", "\xC3\xA9", "-", "99999999999999999999" };

	for (size_t i = fuzz_below(f, 12); i; i--)
		buf_puts(&f->text, FUZZ_PICK(f, pieces));
}

#endif
