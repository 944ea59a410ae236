/*
 * Prints the option table in three formats: text for a terminal, a commented
 * configuration file, and rows of a Markdown table.
 */
#include "lib/base/panic.h"
#include "lib/os/conf_type.h"

enum {
	SENTENCES_MAX = 1024,
	WIDTH = 78,
};

/* The sentence, the range, and whether a change needs a restart. */
static const char *
describe(const struct conf_option *o, char text[SENTENCES_MAX])
{
	struct buf b;

	buf_init_fixed(&b, text, SENTENCES_MAX);
	buf_puts(&b, o->about);
	if (conf_type_is_scaled(o->type) && (o->min || o->max)) {
		buf_puts(&b, " Must be ");
		conf_type_range(o, &b);
		buf_putc(&b, '.');
	}
	if (o->fixed)
		buf_puts(&b, " Needs a restart.");
	buf_putc(&b, '\0');
	if (b.failed)
		BUG("too much is said of %s", o->name);
	return text;
}

/* Steps through the options of all slices; NULL after the last. */
struct cursor {
	const struct conf_slice *const *slice;
	size_t i;
};

static const struct conf_option *
next(struct cursor *c)
{
	while (*c->slice && c->i == (*c->slice)->n)
		*c = (struct cursor){ c->slice + 1, 0 };
	return *c->slice ? &(*c->slice)->options[c->i++] : NULL;
}

void
conf_print_table(conf_slices slices, FILE *to)
{
	struct cursor measured = { slices, 0 }, printed = measured;
	const struct conf_option *o;
	char text[SENTENCES_MAX];
	size_t name = 0, initial = 0;

	while ((o = next(&measured))) {
		size_t a = strlen(o->name);
		size_t b = strlen(o->initial);

		name = a > name ? a : name;
		initial = b > initial ? b : initial;
	}
	while ((o = next(&printed)))
		fprintf(to, "%-*s  %-*s  %s\n", (int)name, o->name,
		    (int)initial, o->initial, describe(o, text));
}

static void
print_wrapped(struct str text, FILE *to)
{
	struct str word;
	size_t column = 0;

	while (str_split(&text, ' ', &word)) {
		if (column && column + 1 + word.n > WIDTH) {
			fputc('\n', to);
			column = 0;
		}
		fputs(column ? " " : "# ", to);
		fwrite(word.p, 1, word.n, to);
		column += (column ? 1 : 2) + word.n;
	}
	fputc('\n', to);
}

/* Quoted so that a shell reads the same value. */
static void
print_quoted(const char *text, FILE *to)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=.,:/@%";

	if (text[strspn(text, plain)] == '\0') {
		fputs(text, to);
		return;
	}
	fputc('"', to);
	for (; *text; text++) {
		if (strchr("\"\\`$", *text))
			fputc('\\', to);
		fputc(*text, to);
	}
	fputc('"', to);
}

void
conf_print_example(conf_slices slices, FILE *to)
{
	struct cursor c = { slices, 0 };
	const struct conf_option *o;
	char text[SENTENCES_MAX];
	const char *between = "";

	while ((o = next(&c))) {
		fputs(between, to);
		print_wrapped(str_of(describe(o, text)), to);
		fprintf(to, "#%s=", o->name);
		print_quoted(o->initial, to);
		fputc('\n', to);
		between = "\n";
	}
}

void
conf_print_markdown(conf_slices slices, FILE *to)
{
	struct cursor c = { slices, 0 };
	const struct conf_option *o;
	char text[SENTENCES_MAX];

	while ((o = next(&c))) {
		const char *tick = *o->initial ? "`" : "";

		fprintf(to, "| `%s` | %s%s%s | %s |\n", o->name, tick,
		    o->initial, tick, describe(o, text));
	}
}
