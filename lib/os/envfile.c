/*
 * The syntax of EnvironmentFile= in systemd.exec(5), and what systemd does
 * where the manual says nothing: text may follow a closing quote, a carriage
 * return ends a line, a continued line keeps its indentation.
 *
 * Two things are errors here. systemd skips lines that it cannot parse. And up
 * to release 253 a comment that ends in a backslash continues on the next line.
 */
#include "lib/os/envfile.h"

void
envfile_begin(struct envfile *f, struct arena *mem, struct str text)
{
	*f = (struct envfile){ .mem = mem, .rest = text, .line = 1 };
}

static bool
is_newline(char c)
{
	return c == '\n' || c == '\r';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
at_line_end(const struct envfile *f)
{
	return f->rest.n == 0 || is_newline(f->rest.p[0]);
}

static char
take(struct envfile *f)
{
	char c = f->rest.p[0];

	f->rest = (struct str){ f->rest.p + 1, f->rest.n - 1 };
	f->line += c == '\n';
	return c;
}

static void
skip_blanks(struct envfile *f)
{
	while (f->rest.n && is_blank(f->rest.p[0]))
		take(f);
}

static const char *
skip_comment(struct envfile *f)
{
	char last = '#';

	while (!at_line_end(f))
		last = take(f);
	return last == '\\' ? "a comment may not end with a backslash" : NULL;
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || c == '_';

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return s.n > 0;
}

static const char *
take_name(struct envfile *f, struct str *name)
{
	struct str line = { f->rest.p, 0 };

	while (!at_line_end(f) && f->rest.p[0] != '=') {
		take(f);
		line.n++;
	}
	if (at_line_end(f))
		return "has no '='";
	take(f);
	line = str_trim(line);
	if (!is_name(line)) {
		while (!at_line_end(f))
			take(f);
		return "has no name before '='";
	}
	*name = line;
	return NULL;
}

/* Drops trailing blanks, unless they are escaped. */
static void
take_unquoted(struct envfile *f, struct buf *value)
{
	size_t kept = value->n;

	while (!at_line_end(f)) {
		char c = take(f);

		if (c == '\\') {
			if (f->rest.n && !is_newline(c = take(f)))
				buf_putc(value, c);
			kept = value->n;
			continue;
		}
		buf_putc(value, c);
		if (!is_blank(c))
			kept = value->n;
	}
	value->n = kept;
}

static bool
take_quoted(struct envfile *f, char quote, struct buf *value)
{
	while (f->rest.n) {
		char c = take(f);

		if (c == quote)
			return true;
		if (c != '\\' || quote == '\'' || f->rest.n == 0) {
			buf_putc(value, c);
			continue;
		}
		c = take(f);
		if (c == '\n')
			continue;
		if (!memchr("\"\\`$", c, 4))
			buf_putc(value, '\\');
		buf_putc(value, c);
	}
	return false;
}

static const char *
take_value(struct envfile *f, struct buf *value)
{
	for (;;) {
		skip_blanks(f);
		if (at_line_end(f))
			return NULL;

		char c = f->rest.p[0];

		if (c != '"' && c != '\'') {
			take_unquoted(f, value);
			return NULL;
		}
		take(f);
		if (!take_quoted(f, c, value))
			return "a quote is never closed";
	}
}

bool
envfile_next(struct envfile *f, struct envfile_item *item)
{
	struct buf value;

	for (;;) {
		while (f->rest.n &&
		    (is_blank(f->rest.p[0]) || is_newline(f->rest.p[0])))
			take(f);
		if (f->rest.n == 0)
			return false;
		*item = (struct envfile_item){ .line = f->line };
		if (f->rest.p[0] != '#' && f->rest.p[0] != ';')
			break;
		item->problem = skip_comment(f);
		if (item->problem)
			return true;
	}
	buf_init(&value, f->mem);
	item->problem = take_name(f, &item->name);
	if (!item->problem)
		item->problem = take_value(f, &value);
	item->value = buf_view(&value);
	if (!item->problem && value.failed)
		item->problem = "is too long";
	else if (!item->problem && !str_is_utf8(item->value))
		item->problem = "is not UTF-8";
	return true;
}
