/*
 * Loading options: file, environment and defaults are three sources of text,
 * and each text, wherever it comes from, is read by its type's function.
 *
 * A problem never quotes the text at fault: it may be a password that was
 * written in the wrong place.
 */
#include "lib/os/conf.h"

#include "lib/base/panic.h"
#include "lib/os/conf_type.h"
#include "lib/os/envfile.h"

#define PREFIX "IO7_"

enum {
	FILE_MAX = 64 * 1024,
	FAULTS_MAX = 100,
	/* Every text, every secret and every fault of a full table fit. */
	MEMORY_MAX = 16 * 1024 * 1024,
};

struct conf {
	struct arena *mem;
	const struct conf_option *options;
	size_t n;
	char *values;
	/* The line of the file that set an option. */
	unsigned *line;
	bool *is_set;
	const char *faults[FAULTS_MAX];
	size_t n_faults;
};

static void *
allocate(struct arena *mem, size_t n)
{
	void *p = arena_alloc(mem, n);

	if (!p)
		BUG("no memory for the configuration");
	return p;
}

static void fault(struct conf *, const char *format, ...) PRINTF_LIKE(2, 3);

static void
fault(struct conf *c, const char *format, ...)
{
	struct buf b;
	va_list args;

	if (c->n_faults == FAULTS_MAX)
		return;
	buf_init(&b, c->mem);
	va_start(args, format);
	if (c->n_faults == FAULTS_MAX - 1)
		buf_puts(&b, "There are more faults.");
	else
		buf_vprintf(&b, format, args);
	va_end(args);
	buf_putc(&b, '\0');
	if (b.failed)
		BUG("no memory for a fault");
	c->faults[c->n_faults++] = b.p;
}

/* The index of an option, or n. */
static size_t
find(const struct conf *c, struct str name)
{
	size_t i = 0;

	while (i < c->n && !str_eq(name, str_of(c->options[i].name)))
		i++;
	return i;
}

static const char *
set(struct conf *c, size_t i, struct str text)
{
	const struct conf_option *o = &c->options[i];

	c->is_set[i] = true;
	return conf_type_read(o, c->mem, text, c->values + o->offset);
}

static void
read_items(struct conf *c, const char *file, struct str text)
{
	struct envfile f;
	struct envfile_item item;

	envfile_begin(&f, c->mem, text);
	while (envfile_next(&f, &item)) {
		size_t i = find(c, item.name);
		const char *problem = item.problem;

		if (!problem && i == c->n) {
			problem = "is not an option";
		} else if (!problem && c->is_set[i]) {
			fault(c, "%s:%u: %s: is set already in line %u", file,
			    item.line, c->options[i].name, c->line[i]);
			continue;
		} else if (!problem) {
			c->line[i] = item.line;
			problem = set(c, i, item.value);
		}
		if (problem && item.name.n)
			fault(c, "%s:%u: %.*s: %s", file, item.line,
			    STR_ARGS(item.name), problem);
		else if (problem)
			fault(c, "%s:%u: %s", file, item.line, problem);
	}
}

static void
read_file(struct conf *c, const char *file)
{
	struct str text;
	const char *problem = conf_slurp(c->mem, file, FILE_MAX, 0, &text);

	if (problem)
		fault(c, "%s: %s", file, problem);
	else
		read_items(c, file, text);
}

static void
read_environment(struct conf *c, char *const *environment)
{
	for (; *environment; environment++) {
		struct str text = str_of(*environment), name;

		if (!str_starts(text, STR(PREFIX)) ||
		    !str_split(&text, '=', &name) || !text.p)
			continue;

		size_t i = find(c, name);
		const char *problem =
		    i == c->n ? "is not an option" : set(c, i, text);

		if (problem)
			fault(c, "environment: %.*s: %s", STR_ARGS(name),
			    problem);
	}
}

static void
read_defaults(struct conf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct conf_option *o = &c->options[i];
		const char *problem;

		if (c->is_set[i])
			continue;
		problem = set(c, i, str_of(o->initial));
		if (problem)
			fault(c, "default: %s: %s", o->name, problem);
	}
}

struct conf *
conf_load(const struct conf_option *options, size_t n, size_t result_size,
    const char *file, char *const *environment)
{
	struct arena *mem = arena_must_new(MEMORY_MAX);
	struct conf *c = allocate(mem, sizeof(*c));

	*c = (struct conf){ .mem = mem, .options = options, .n = n };
	c->values = allocate(mem, result_size);
	c->line = allocate(mem, n * sizeof(c->line[0]));
	c->is_set = allocate(mem, n * sizeof(c->is_set[0]));
	if (file)
		read_file(c, file);
	if (environment)
		read_environment(c, environment);
	read_defaults(c);
	return c;
}

void
conf_free(struct conf *c)
{
	if (c)
		arena_free(c->mem);
}

const void *
conf_values(const struct conf *c)
{
	return c->values;
}

size_t
conf_faults(const struct conf *c)
{
	return c->n_faults;
}

const char *
conf_fault(const struct conf *c, size_t i)
{
	return c->faults[i];
}

const char *
conf_diff(const struct conf *was, const struct conf *is, size_t *at)
{
	while (*at < was->n) {
		const struct conf_option *o = &was->options[(*at)++];

		if (o->fixed &&
		    !conf_type_same(o, was->values + o->offset,
			is->values + o->offset))
			return o->name;
	}
	return NULL;
}

void
conf_keep_fixed(const struct conf *was, struct conf *is)
{
	for (size_t i = 0; i < was->n; i++) {
		const struct conf_option *o = &was->options[i];

		if (o->fixed &&
		    !conf_type_copy(o, is->mem, was->values + o->offset,
			is->values + o->offset))
			BUG("no memory for the configuration");
	}
}
