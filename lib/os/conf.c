/*
 * Loading options. File, environment and defaults are three sources of text;
 * the function of the option's type parses each text.
 *
 * A fault never quotes the text: it may be a password in the wrong place.
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

struct entry {
	const struct conf_option *option;
	void *value;
	unsigned line; /* of the file, where that set it */
	bool is_set;
};

struct values {
	const struct conf_slice *slice;
	char *at;
};

struct conf {
	struct arena *mem;
	struct entry *entries; /* of all slices */
	size_t n;
	struct values *values; /* one for each slice */
	size_t n_slices;
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

static struct entry *
find(const struct conf *c, struct str name)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(name, str_of(c->entries[i].option->name)))
			return &c->entries[i];
	return NULL;
}

static const char *
set(struct conf *c, struct entry *e, struct str text)
{
	e->is_set = true;
	return conf_type_read(e->option, c->mem, text, e->value);
}

static void
read_items(struct conf *c, const char *file, struct str text)
{
	struct envfile f;
	struct envfile_item item;

	envfile_begin(&f, c->mem, text);
	while (envfile_next(&f, &item)) {
		struct entry *e = find(c, item.name);
		const char *problem = item.problem;

		if (!problem && !e) {
			problem = "is not an option";
		} else if (!problem && e->is_set) {
			fault(c, "%s:%u: %s: is set already in line %u", file,
			    item.line, e->option->name, e->line);
			continue;
		} else if (!problem) {
			e->line = item.line;
			problem = set(c, e, item.value);
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

		struct entry *e = find(c, name);
		const char *problem = e ? set(c, e, text) : "is not an option";

		if (problem)
			fault(c, "environment: %.*s: %s", STR_ARGS(name),
			    problem);
	}
}

static void
read_defaults(struct conf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct entry *e = &c->entries[i];
		const char *problem;

		if (e->is_set)
			continue;
		problem = set(c, e, str_of(e->option->initial));
		if (problem)
			fault(c, "default: %s: %s", e->option->name, problem);
	}
}

static void
add_slice(struct conf *c, const struct conf_slice *slice)
{
	char *at = allocate(c->mem, slice->size);

	c->values[c->n_slices++] = (struct values){ slice, at };
	for (size_t i = 0; i < slice->n; i++) {
		const struct conf_option *o = &slice->options[i];

		c->entries[c->n++] =
		    (struct entry){ .option = o, .value = at + o->offset };
	}
}

static void
add_slices(struct conf *c, conf_slices slices)
{
	size_t n = 0, options = 0;

	for (; slices[n]; n++)
		options += slices[n]->n;
	c->values = allocate(c->mem, n * sizeof(*c->values));
	c->entries = allocate(c->mem, options * sizeof(*c->entries));
	for (size_t i = 0; i < n; i++)
		add_slice(c, slices[i]);
}

struct conf *
conf_load(conf_slices slices, const char *file, char *const *environment)
{
	struct arena *mem = arena_must_new(MEMORY_MAX);
	struct conf *c = allocate(mem, sizeof(*c));

	*c = (struct conf){ .mem = mem };
	add_slices(c, slices);
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
conf_values(const struct conf *c, const struct conf_slice *slice)
{
	for (size_t i = 0; i < c->n_slices; i++)
		if (c->values[i].slice == slice)
			return c->values[i].at;
	BUG("options that were not loaded");
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
		const struct entry *w = &was->entries[*at];
		const struct entry *i = &is->entries[(*at)++];

		if (w->option->fixed &&
		    !conf_type_same(w->option, w->value, i->value))
			return w->option->name;
	}
	return NULL;
}

void
conf_keep_fixed(const struct conf *was, struct conf *is)
{
	for (size_t i = 0; i < was->n; i++) {
		const struct entry *w = &was->entries[i];

		if (w->option->fixed &&
		    !conf_type_copy(w->option, is->mem, w->value,
			is->entries[i].value))
			BUG("no memory for the configuration");
	}
}
