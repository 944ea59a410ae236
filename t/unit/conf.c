/*
 * Options: every type, every fault, and the three ways to print them.
 */
#include "lib/os/conf.h"
#include "t/unit/tap.h"

#include <sys/stat.h>
#include <unistd.h>

struct values {
	const char *dsn, *level, *dir, *secret;
	uint64_t workers, memory;
	int64_t timeout;
	bool strict;
};

static const char *
check_level(const char *text)
{
	return strcmp(text, "info") == 0 || strcmp(text, "debug") == 0
	    ? NULL
	    : "must be info or debug";
}

#define FIELD(name) .offset = offsetof(struct values, name)

/* clang-format off */
static const struct conf_option options[] = {
	{ "IO7_DSN", CONF_TEXT, "", "The database.",
		FIELD(dsn), .min = 1, .max = 20, .fixed = true },
	{ "IO7_LEVEL", CONF_TEXT, "info", "How much is said: info or debug.",
		FIELD(level), .check = check_level },
	{ "IO7_DIR", CONF_PATH, "/run/io7", "Where the sockets are.",
		FIELD(dir), .min = 1 },
	{ "IO7_SECRET_FILE", CONF_SECRET_FILE, "", "A file with the password.",
		FIELD(secret), .fixed = true },
	{ "IO7_WORKERS", CONF_NUMBER, "40", "How many processes serve.",
		FIELD(workers), .min = 1, .max = 1000, .fixed = true },
	{ "IO7_MEMORY", CONF_BYTES, "64M", "What a request may take.",
		FIELD(memory), .min = 65536, .max = INT64_C(1) << 30 },
	{ "IO7_TIMEOUT", CONF_DURATION, "10s", "How long a body may take.",
		FIELD(timeout), .min = NS_PER_MS },
	{ "IO7_STRICT", CONF_BOOL, "yes", "Whether it is.", FIELD(strict) },
};
/* clang-format on */

static const struct conf_slice slice = CONF_SLICE(options, struct values);
static const struct conf_slice *const slices[] = { &slice, NULL };

static char dir[] = "/tmp/io7-conf-XXXXXX";
static char file[64], secret[64];
static char dsn[] = "IO7_DSN=x=y", home[] = "HOME=/x";

static void
write_file(const char *path, struct str text, mode_t mode)
{
	FILE *to = fopen(path, "w");

	if (!to)
		abort();
	fwrite(text.p, 1, text.n, to);
	fclose(to);
	chmod(path, mode);
}

static struct conf *
load(const char *text, const char *environment)
{
	char line[256];
	char *const list[] = { line, NULL };

	snprintf(line, sizeof(line), "%s", environment ? environment : "");
	write_file(file, str_of(text), 0644);
	return conf_load(slices, file, environment ? list : NULL);
}

/* A fault without the name of the file. */
static const char *
fault_text(const struct conf *c, size_t i)
{
	const char *fault = i < conf_faults(c) ? conf_fault(c, i) : "no fault";

	return fault + (strncmp(fault, file, strlen(file)) ? 0 : strlen(file));
}

/* The only fault of a file with `dsn` and this text. */
static void
is_fault(const char *text, const char *want)
{
	char all[256];
	struct conf *c;

	snprintf(all, sizeof(all), "IO7_DSN=x\n%s\n", text);
	c = load(all, NULL);
	is_str(fault_text(c, 0), want, text);
	is_int((long long)conf_faults(c), *want ? 1 : 0, "there is one fault");
	conf_free(c);
}

static void
test_values(void)
{
	struct conf *c = load("IO7_DSN='host=/run x=y'\n", NULL);
	const struct values *v = conf_values(c, &slice);

	is_int((long long)conf_faults(c), 0, "no fault");
	is_str(v->dsn, "host=/run x=y", "from the file");
	is_str(v->level, "info", "a default text");
	is_str(v->dir, "/run/io7", "a default path");
	is_str(v->secret, "", "no secret");
	is_int((long long)v->workers, 40, "a default number");
	is_int((long long)v->memory, 64 << 20, "default bytes");
	is_int(v->timeout, 10 * NS_PER_S, "a default duration");
	ok(v->strict, "a default bool");
	conf_free(c);

	c = load("IO7_DSN=a\nIO7_WORKERS=7\nIO7_LEVEL=loud", "IO7_WORKERS=8");
	v = conf_values(c, &slice);
	is_int((long long)v->workers, 8, "the environment overrides the file");
	ok(!v->level, "a value at fault is zero");
	is_int((long long)conf_faults(c), 1, "the fault is reported");
	conf_free(c);

	c = conf_load(slices, NULL, (char *const[]){ dsn, home, NULL });
	v = conf_values(c, &slice);
	is_int((long long)conf_faults(c), 0, "no file is needed");
	is_str(v->dsn, "x=y", "from the environment");
	conf_free(c);
	conf_free(NULL);
}

static void
test_units(void)
{
	static const struct {
		const char *text;
		long long memory, timeout;
	} rows[] = {
		{ "IO7_MEMORY=65536", 65536, 10 * NS_PER_S },
		{ "IO7_MEMORY=64K", 65536, 10 * NS_PER_S },
		{ "IO7_MEMORY=2M", 2 << 20, 10 * NS_PER_S },
		{ "IO7_MEMORY=1G", 1 << 30, 10 * NS_PER_S },
		{ "IO7_TIMEOUT=1ms", 64 << 20, NS_PER_MS },
		{ "IO7_TIMEOUT=1500ms", 64 << 20, 1500 * NS_PER_MS },
		{ "IO7_TIMEOUT=3s", 64 << 20, 3 * NS_PER_S },
		{ "IO7_TIMEOUT=2m", 64 << 20, 120 * NS_PER_S },
		{ "IO7_TIMEOUT=1h", 64 << 20, 3600 * NS_PER_S },
		{ "IO7_TIMEOUT=100d", 64 << 20, 8640000 * NS_PER_S },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf *c = load(rows[i].text, "IO7_DSN=x");
		const struct values *v = conf_values(c, &slice);

		ok(conf_faults(c) == 0 && v->timeout == rows[i].timeout &&
			v->memory == (uint64_t)rows[i].memory,
		    "%s", rows[i].text);
		conf_free(c);
	}
}

static void
test_faults(void)
{
	is_fault("IO7_WORKERS=many", ":2: IO7_WORKERS: must be a whole number");
	is_fault("IO7_WORKERS=", ":2: IO7_WORKERS: must be a whole number");
	is_fault("IO7_WORKERS=1.5", ":2: IO7_WORKERS: must be a whole number");
	is_fault("IO7_WORKERS=-1", ":2: IO7_WORKERS: must be a whole number");
	is_fault("IO7_WORKERS=1K", ":2: IO7_WORKERS: must be a whole number");
	is_fault("IO7_WORKERS=0", ":2: IO7_WORKERS: must be 1 to 1000");
	is_fault("IO7_WORKERS=1001", ":2: IO7_WORKERS: must be 1 to 1000");
	is_fault("IO7_WORKERS=99999999999999999999",
	    ":2: IO7_WORKERS: must be 1 to 1000");
	is_fault("IO7_MEMORY=1k",
	    ":2: IO7_MEMORY: must be a whole number "
	    "with or without K, M or G");
	is_fault("IO7_MEMORY=63K", ":2: IO7_MEMORY: must be 64K to 1G");
	is_fault("IO7_MEMORY=99999999999G",
	    ":2: IO7_MEMORY: must be 64K to 1G");
	is_fault("IO7_TIMEOUT=10",
	    ":2: IO7_TIMEOUT: must be a whole number "
	    "with ms, s, m, h or d");
	is_fault("IO7_TIMEOUT=0s", ":2: IO7_TIMEOUT: must be at least 1ms");
	is_fault("IO7_TIMEOUT=106752d", ":2: IO7_TIMEOUT: is too large");
	is_fault("IO7_STRICT=true", ":2: IO7_STRICT: must be yes or no");
	is_fault("IO7_LEVEL=loud", ":2: IO7_LEVEL: must be info or debug");
	is_fault("IO7_LEVEL='a\nb'",
	    ":2: IO7_LEVEL: must not contain control characters");
	is_fault("IO7_DIR=run/io7", ":2: IO7_DIR: must be an absolute path");
	is_fault("IO7_DIR=", ":2: IO7_DIR: must be set");
	is_fault("IO7_DSN=y", ":2: IO7_DSN: is set already in line 1");
	is_fault("IO7_WORKRES=1", ":2: IO7_WORKRES: is not an option");
	is_fault("PATH=/bin", ":2: PATH: is not an option");
	is_fault("a line", ":2: has no '='");
	is_fault("\nIO7_LEVEL='info", ":3: IO7_LEVEL: a quote is never closed");
}

static void
test_sources(void)
{
	struct conf *c = load("IO7_DSN=123456789012345678901\n", NULL);

	is_str(fault_text(c, 0), ":1: IO7_DSN: must be 1 to 20 bytes long",
	    "a text too long");
	conf_free(c);

	c = load("", "IO7_WORKERS=x");
	is_int((long long)conf_faults(c), 2, "two faults");
	is_str(fault_text(c, 0),
	    "environment: IO7_WORKERS: must be a whole number",
	    "a fault of the environment");
	is_str(fault_text(c, 1), "default: IO7_DSN: must be set",
	    "a fault of a missing option");
	conf_free(c);

	c = load("IO7_DSN=x", "IO7_OTHER=x");
	is_str(fault_text(c, 0), "environment: IO7_OTHER: is not an option",
	    "an unknown name of ours in the environment");
	conf_free(c);

	c = conf_load(slices, "/nowhere/io7.conf",
	    (char *const[]){ dsn, NULL });
	is_int((long long)conf_faults(c), 1, "one fault");
	is_str(fault_text(c, 0),
	    "/nowhere/io7.conf: cannot be read: No such file or directory",
	    "a missing file is a fault");
	conf_free(c);
}

static void
is_whole_fault(struct str text, const char *want)
{
	struct conf *c;

	write_file(file, text, 0644);
	c = conf_load(slices, file, (char *const[]){ dsn, NULL });
	is_str(fault_text(c, 0), want, "the whole file is refused");
	conf_free(c);
}

static void
test_whole_files(void)
{
	static char large[70 * 1024];
	struct conf *c;

	is_whole_fault(STR("IO7_DIR=/x\0\n"), ": contains a NUL byte");
	memset(large, '#', sizeof(large));
	is_whole_fault((struct str){ large, sizeof(large) }, ": is too large");
	c = conf_load(slices, dir, NULL);
	ok(strstr(fault_text(c, 0), ": is not a plain file"),
	    "a folder is refused");
	conf_free(c);

	memset(large, '\n', sizeof(large));
	for (size_t i = 0; i < 60 * 1024; i += 2)
		large[i] = 'x';
	write_file(file, (struct str){ large, 60 * 1024 }, 0644);
	c = conf_load(slices, file, NULL);
	is_int((long long)conf_faults(c), 100,
	    "the number of faults is capped");
	is_str(fault_text(c, 99), "There are more faults.",
	    "the last fault says that there are more");
	conf_free(c);
}

static void
is_secret(struct str content, mode_t mode, const char *value,
    const char *problem)
{
	char text[128];
	struct conf *c;
	const struct values *v;

	write_file(secret, content, mode);
	snprintf(text, sizeof(text), "IO7_DSN=x\nIO7_SECRET_FILE=%s\n", secret);
	c = load(text, NULL);
	v = conf_values(c, &slice);
	if (problem)
		is_str(fault_text(c, 0), problem, "the secret is refused");
	else
		is_str(v->secret, value, "a secret");
	ok(!problem == (conf_faults(c) == 0),
	    "a fault exactly if a problem was expected");
	conf_free(c);
}

static void
test_secrets(void)
{
	static char large[20 * 1024];

	is_secret(STR("pass word"), 0600, "pass word", NULL);
	is_secret(STR("pass\n\n"), 0640, "pass\n", NULL);
	is_secret(STR("pass\n"), 0644, NULL,
	    ":2: IO7_SECRET_FILE: the file it "
	    "names is accessible to other users; use chmod o=");
	is_secret(STR("\n"), 0600, NULL,
	    ":2: IO7_SECRET_FILE: the file it names is empty");
	is_secret(STR("a\0b"), 0600, NULL,
	    ":2: IO7_SECRET_FILE: the file it names contains a NUL byte");
	memset(large, 'x', sizeof(large));
	is_secret((struct str){ large, sizeof(large) }, 0600, NULL,
	    ":2: IO7_SECRET_FILE: the file it names is too large");
	is_fault("IO7_SECRET_FILE=hunter2",
	    ":2: IO7_SECRET_FILE: must be an absolute path");
	is_fault("IO7_SECRET_FILE=/nowhere/x",
	    ":2: IO7_SECRET_FILE: the file "
	    "it names cannot be read: No such file or "
	    "directory");
}

static void
test_diff(void)
{
	struct conf *was = load("IO7_DSN=x\nIO7_TIMEOUT=60s\n", NULL);
	struct conf *is = load("IO7_DSN=y\nIO7_TIMEOUT=1m\nIO7_WORKERS=9\n"
			       "IO7_LEVEL=debug\n",
	    NULL);
	size_t at = 0;

	is_str(conf_diff(was, is, &at), "IO7_DSN", "a fixed text differs");
	is_str(conf_diff(was, is, &at), "IO7_WORKERS", "and a fixed number");
	ok(!conf_diff(was, is, &at),
	    "an option that is not fixed does not count");
	at = 0;
	ok(!conf_diff(was, was, &at),
	    "a configuration does not differ from itself");
	conf_free(was);
	conf_free(is);
}

static struct str
printed(void (*print)(conf_slices, FILE *), size_t n)
{
	static char room[8192];
	const struct conf_slice first = { options, n, sizeof(struct values) };
	FILE *to = fmemopen(room, sizeof(room), "w");

	print((conf_slices){ &first, NULL }, to);
	fclose(to);
	return str_of(room);
}

static void
test_print(void)
{
	struct str example, line;
	size_t defaults = 0;
	struct conf *c;
	char *p;

	is_slice(printed(conf_print_table, 2),
	    "IO7_DSN          The database. Needs a restart.\n"
	    "IO7_LEVEL  info  How much is said: info or debug.\n",
	    "the table");
	is_slice(printed(conf_print_markdown, 2),
	    "| `IO7_DSN` |  | The database. Needs a restart. |\n"
	    "| `IO7_LEVEL` | `info` | How much is said: info or debug. |\n",
	    "the rows for Markdown");
	is_slice(printed(conf_print_example, 2),
	    "# The database. Needs a restart.\n#IO7_DSN=\n\n"
	    "# How much is said: info or debug.\n#IO7_LEVEL=info\n",
	    "the example");

	example = printed(conf_print_example, ARRAY_LEN(options));
	c = load(example.p, "IO7_DSN=x");
	is_int((long long)conf_faults(c), 0, "the example changes nothing");
	conf_free(c);
	p = strdup(example.p);
	for (size_t i = 0; i < example.n; i++)
		if (p[i] == '#' && p[i + 1] == 'I')
			p[i] = ' ';
	for (struct str rest = example; str_split(&rest, '\n', &line);)
		defaults += str_starts(line, STR("#IO7_"));
	is_int((long long)defaults, ARRAY_LEN(options),
	    "the example has every option");
	c = load(p, "IO7_DSN=x");
	is_int((long long)conf_faults(c), 1,
	    "with its defaults it says one thing too little: the database");
	conf_free(c);
	free(p);
}

static void
test_wrapping(void)
{
	static const struct conf_option wide = { "IO7_WIDE", CONF_TEXT,
		"a \"b\" $c \\",
		"This sentence is rather long so that it has "
		"to go on in a second line of the example file.",
		.offset = 0 };
	const struct conf_slice slice_of_it = { &wide, 1, sizeof(char *) };
	static char room[512];
	FILE *to = fmemopen(room, sizeof(room), "w");

	conf_print_example((conf_slices){ &slice_of_it, NULL }, to);
	fclose(to);
	is_str(room,
	    "# This sentence is rather long so that it has to go on in a second"
	    " line of the\n# example file.\n#IO7_WIDE=\"a \\\"b\\\" \\$c \\\\\"\n",
	    "long sentences are wrapped, odd defaults quoted");
}

int
main(void)
{
	if (!mkdtemp(dir))
		abort();
	snprintf(file, sizeof(file), "%s/io7.conf", dir);
	snprintf(secret, sizeof(secret), "%s/secret", dir);
	test_values();
	test_units();
	test_faults();
	test_sources();
	test_whole_files();
	test_secrets();
	test_diff();
	test_print();
	test_wrapping();
	unlink(file);
	unlink(secret);
	rmdir(dir);
	return tap_done();
}
