/*
 * `io7 limits`: the rows of all rooms under common headings, as text, as
 * Markdown for deploy/doc/limits.md, or as JSON for openapi.json.
 */
#include "fcgi/ops/command.h"

#include "fcgi/http/err_row.h"
#include "fcgi/options.h"
#include "fcgi/rooms.h"
#include "lib/base/arena.h"
#include "lib/base/panic.h"

enum { CELL = 160, MEMORY_MAX = 1 << 20 };

static const char *const headings[] = {
	[LIMITS_RATES] = "Rates and quotas",
	[LIMITS_REQUESTS] = "Requests",
	[LIMITS_CONNECTIONS] = "Connections",
	[LIMITS_WAITING] = "Waiting and streaming",
	[LIMITS_VALUES] = "Keys and values",
	[LIMITS_LISTS] = "Lists, batches and imports",
	[LIMITS_TRANSFORMS] = "Transforms",
	[LIMITS_DATABASES] = "User databases",
	[LIMITS_WORK] = "Queued work",
	[LIMITS_CRON] = "Cron jobs",
	[LIMITS_ACCOUNTS] = "Accounts",
};

_Static_assert(ARRAY_LEN(headings) == LIMITS_COUNT, "a heading for each");

/* --- The rows under a heading ---------------------------------------------- */

struct cursor {
	enum limit_about about;
	size_t room, row; /* room 0: the base limits */
};

static const struct room_limit *
rows_of(size_t room, size_t *n)
{
	*n = room ? rooms[room - 1]->limits.n : base_limits_count;
	return room ? rooms[room - 1]->limits.rows : base_limits;
}

/* NULL after the last. */
static const struct room_limit *
next(struct cursor *c)
{
	for (; c->room <= rooms_count; c->room++, c->row = 0) {
		size_t n;
		const struct room_limit *rows = rows_of(c->room, &n);

		while (c->row < n)
			if (rows[c->row++].about == c->about)
				return &rows[c->row - 1];
	}
	return NULL;
}

/* --- Cells ------------------------------------------------------------------ */

static const struct conf_option *
option_named(const char *name)
{
	const struct conf_slice *const *slice = options_slices();

	for (; *slice; slice++)
		for (size_t i = 0; i < (*slice)->n; i++)
			if (strcmp((*slice)->options[i].name, name) == 0)
				return &(*slice)->options[i];
	BUG("%s is not an option", name);
}

static const struct {
	const char *of, *name;
	int64_t size;
} units[] = {
	{ "bytes", "GiB", 1 << 30 },
	{ "bytes", "MiB", 1 << 20 },
	{ "bytes", "KiB", 1 << 10 },
	{ "seconds", "days", 86400 },
	{ "seconds", "hours", 3600 },
	{ "seconds", "minutes", 60 },
};

static void
put_grouped(struct buf *b, int64_t n)
{
	if (n >= 1000) {
		put_grouped(b, n / 1000);
		buf_printf(b, ",%03lld", (long long)(n % 1000));
	} else {
		buf_printf(b, "%lld", (long long)n);
	}
}

/* In the largest unit in which it is a whole number, of times more than one. */
static void
put_amount(struct buf *b, int64_t n, const char *unit)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(units[i].of, unit) == 0 && n % units[i].size == 0 &&
		    (n > units[i].size || unit[0] == 'b')) {
			n /= units[i].size;
			unit = units[i].name;
			break;
		}
	put_grouped(b, n);
	buf_printf(b, " %s", unit);
}

/* The number as it is configured, such as "1M"; NULL for another limit. */
static const char *
configured(const struct room_limit *l)
{
	if (l->option)
		return option_named(l->option)->initial;
	return l->nginx ? strchr(l->nginx, ' ') + 1 : NULL;
}

static bool
is_scaled(const char *unit)
{
	return strcmp(unit, "bytes") == 0 || strcmp(unit, "seconds") == 0;
}

/* "1M", "20 requests", "by plan", "256 characters" */
static void
put_value(struct buf *b, const struct room_limit *l)
{
	if (l->plan) {
		buf_puts(b, "by plan");
	} else if (configured(l)) {
		buf_puts(b, configured(l));
		if (l->unit && !is_scaled(l->unit))
			buf_printf(b, " %s", l->unit);
	} else {
		put_amount(b, l->value, l->unit);
	}
}

/* Where it is set: "IO7_BODY_MAX", "nginx: send_timeout", "plan: streams". */
static void
put_source(struct buf *b, const struct room_limit *l, const char *quote)
{
	if (l->option)
		buf_printf(b, "%s%s%s", quote, l->option, quote);
	else if (l->nginx)
		buf_printf(b, "nginx: %s%.*s%s", quote,
		    (int)strcspn(l->nginx, " "), l->nginx, quote);
	else if (l->plan)
		buf_printf(b, "plan: %s%s%s", quote, l->plan, quote);
	else
		buf_puts(b, "fixed");
}

/* "429 rate_limited, field minute", or what happens instead. */
static void
put_answer(struct buf *b, const struct room_limit *l, const char *quote)
{
	if (l->err)
		buf_printf(b, "%d %s%s%s", err_row(l->err)->status, quote,
		    err_code(l->err), quote);
	if (l->field)
		buf_printf(b, ", field %s%s%s", quote, l->field, quote);
	if (l->effect)
		buf_printf(b, "%s%s", l->err ? "; " : "", l->effect);
}

struct cells {
	char text[3][CELL];
};

static void
make_cells(struct cells *cells, const struct room_limit *l, const char *quote)
{
	struct buf b[3];

	for (size_t i = 0; i < ARRAY_LEN(b); i++)
		buf_init_fixed(&b[i], cells->text[i], CELL);
	put_value(&b[0], l);
	put_source(&b[1], l, quote);
	put_answer(&b[2], l, quote);
	for (size_t i = 0; i < ARRAY_LEN(b); i++) {
		buf_putc(&b[i], '\0');
		if (b[i].failed)
			BUG("too much is said of \"%s\"", l->what);
	}
}

/* --- Formats ---------------------------------------------------------------- */

static void
print_text(struct cursor c)
{
	const struct room_limit *l;
	struct cells cells;

	printf("%s%s\n", c.about ? "\n" : "", headings[c.about]);
	while ((l = next(&c))) {
		make_cells(&cells, l, "");
		printf("  %-48s  %-16s  %-30s  %-35s  %s\n", l->what, l->per,
		    cells.text[0], cells.text[1], cells.text[2]);
	}
}

static void
print_markdown(struct cursor c)
{
	const struct room_limit *l;
	struct cells cells;

	printf("%s## %s\n\n| Limit | Of each | Value | Set by | Beyond it |\n"
	       "| --- | --- | --- | --- | --- |\n",
	    c.about ? "\n" : "", headings[c.about]);
	while ((l = next(&c))) {
		make_cells(&cells, l, "`");
		printf("| %s | %s | %s | %s | %s |\n", l->what, l->per,
		    cells.text[0], cells.text[1], cells.text[2]);
	}
}

static void
put_member(struct buf *b, const char *name, const char *text)
{
	if (!text)
		return;
	buf_printf(b, ",\"%s\":", name);
	buf_json(b, str_of(text));
}

static void
put_row(struct buf *b, const struct room_limit *l)
{
	buf_puts(b, "{\"what\":");
	buf_json(b, str_of(l->what));
	put_member(b, "per", l->per);
	put_member(b, "configured", configured(l));
	if (!l->plan && !configured(l))
		buf_printf(b, ",\"value\":%lld", (long long)l->value);
	put_member(b, "unit", l->unit);
	put_member(b, "option", l->option);
	put_member(b, "plan", l->plan);
	put_member(b, "nginx", l->nginx);
	if (l->err)
		buf_printf(b, ",\"status\":%d,\"code\":\"%s\"",
		    err_row(l->err)->status, err_code(l->err));
	put_member(b, "field", l->field);
	put_member(b, "effect", l->effect);
	buf_putc(b, '}');
}

static void
print_json(struct cursor c)
{
	struct arena *mem = arena_new(MEMORY_MAX);
	const struct room_limit *l;
	struct buf b;
	const char *between = "";

	if (!mem)
		die(EXIT_FAILURE, "no memory");
	buf_init(&b, mem);
	buf_printf(&b, "%s{\"about\":", c.about ? "," : "[");
	buf_json(&b, str_of(headings[c.about]));
	buf_puts(&b, ",\"limits\":[");
	while ((l = next(&c))) {
		buf_puts(&b, between);
		put_row(&b, l);
		between = ",\n";
	}
	buf_puts(&b, "]}");
	printf("%.*s%s\n", STR_ARGS(buf_view(&b)),
	    c.about + 1 == LIMITS_COUNT ? "]" : "");
	arena_free(mem);
}

int
command_limits(struct args *args)
{
	bool json = args_flag(args, "--json");
	bool markdown = args_flag(args, "--markdown");
	void (*print)(struct cursor) = json ? print_json
	    : markdown                      ? print_markdown
					    : print_text;

	args_end(args);
	for (enum limit_about about = 0; about < LIMITS_COUNT; about++)
		print((struct cursor){ .about = about });
	return EXIT_SUCCESS;
}
