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

/* What the option is for, what it takes, and whether a reload will do. */
static const char *
describe(const struct conf_option *o, char room[SENTENCES_MAX])
{
	struct buf b;

	buf_init_fixed(&b, room, SENTENCES_MAX);
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
	return room;
}

void
conf_print_table(const struct conf_option *options, size_t n, FILE *to)
{
	char room[SENTENCES_MAX];
	size_t name = 0, initial = 0;

	for (size_t i = 0; i < n; i++) {
		size_t a = strlen(options[i].name);
		size_t b = strlen(options[i].initial);

		name = a > name ? a : name;
		initial = b > initial ? b : initial;
	}
	for (size_t i = 0; i < n; i++)
		fprintf(to, "%-*s  %-*s  %s\n", (int)name, options[i].name,
		    (int)initial, options[i].initial,
		    describe(&options[i], room));
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

/* Quoted so that a shell, too, reads the file as it is meant. */
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
conf_print_example(const struct conf_option *options, size_t n, FILE *to)
{
	char room[SENTENCES_MAX];

	for (size_t i = 0; i < n; i++) {
		if (i)
			fputc('\n', to);
		print_wrapped(str_of(describe(&options[i], room)), to);
		fprintf(to, "#%s=", options[i].name);
		print_quoted(options[i].initial, to);
		fputc('\n', to);
	}
}

void
conf_print_markdown(const struct conf_option *options, size_t n, FILE *to)
{
	char room[SENTENCES_MAX];

	for (size_t i = 0; i < n; i++) {
		const char *initial = options[i].initial;
		const char *tick = *initial ? "`" : "";

		fprintf(to, "| `%s` | %s%s%s | %s |\n", options[i].name, tick,
		    initial, tick, describe(&options[i], room));
	}
}
