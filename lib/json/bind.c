/*
 * The body is checked once. Then each member is looked up in the table, and its
 * slice is parsed into the field that the table names.
 */
#include "lib/json/bind.h"

#include "lib/base/panic.h"
#include "lib/json/json.h"
#include "lib/os/clock.h"

enum {
	FIELDS_MAX = 64,
	ITEM_MAX = 256,
	NAME_SHOWN = 64,
};

struct binding {
	struct arena *mem;
	const struct bind_field *fields;
	size_t n;
	char *to;
	struct bind_problem *problem;
	uint64_t given; /* a bit for each member that was seen */
};

static enum err wrong(struct binding *, struct str field, const char *format,
    ...) PRINTF_LIKE(3, 4);

static enum err
wrong(struct binding *b, struct str field, const char *format, ...)
{
	struct buf sentence;
	va_list args;

	buf_init(&sentence, b->mem);
	va_start(args, format);
	buf_vprintf(&sentence, format, args);
	va_end(args);
	buf_putc(&sentence, '\0');
	if (sentence.failed)
		return E_TOO_LARGE;
	*b->problem = (struct bind_problem){ field, sentence.p };
	return E_BAD_REQUEST;
}

static enum err
check_range(struct binding *b, const struct bind_field *f, int64_t value,
    const char *unit)
{
	long long min = f->min, max = f->max;
	struct str name = str_of(f->name);

	if (min == 0 && max == 0)
		return OK;
	if (value >= min && (value <= max || max < min))
		return OK;
	if (max < min)
		return wrong(b, name, "must be at least %lld%s", min, unit);
	if (max == min)
		return wrong(b, name, "must be %lld%s", min, unit);
	return wrong(b, name, "must be %lld to %lld%s", min, max, unit);
}

static enum err
check_choice(struct binding *b, const struct bind_field *f, struct str text)
{
	struct buf list;

	if (!f->choices)
		return OK;
	buf_init(&list, b->mem);
	for (const char *const *c = f->choices; *c; c++) {
		if (str_eq(text, str_of(*c)))
			return OK;
		buf_printf(&list, "%s%s", list.n ? ", " : "", *c);
	}
	return wrong(b, str_of(f->name), "must be one of %.*s",
	    STR_ARGS(buf_view(&list)));
}

/* For a text and for an item of a list. */
static enum err
read_text(struct binding *b, const struct bind_field *f, struct str value,
    struct str *text)
{
	if (!json_unquote(b->mem, value, text))
		return E_TOO_LARGE;
	if (str_has_control(*text, f->lines))
		return wrong(b, str_of(f->name),
		    "must not contain control characters");
	return check_choice(b, f, *text);
}

static enum err
bind_text(struct binding *b, const struct bind_field *f, struct str value,
    void *to)
{
	struct str text;
	enum err e;

	if (json_kind(value) != JSON_TEXT)
		return wrong(b, str_of(f->name), "must be a string");
	e = read_text(b, f, value, &text);
	if (!e)
		e = check_range(b, f, (int64_t)str_utf8_length(text),
		    " characters");
	if (!e)
		*(struct str *)to = text;
	return e;
}

static void
put_number(const struct bind_field *f, int64_t number, void *to)
{
	if (f->required)
		*(int64_t *)to = number;
	else
		*(struct opt_int64 *)to = (struct opt_int64){ true, number };
}

static enum err
bind_int(struct binding *b, const struct bind_field *f, struct str value,
    void *to)
{
	int64_t number;
	enum err e;

	if (!json_to_int(value, &number))
		return wrong(b, str_of(f->name), "must be a whole number");
	e = check_range(b, f, number, "");
	if (e)
		return e;
	put_number(f, number, to);
	return OK;
}

static enum err
bind_time(struct binding *b, const struct bind_field *f, struct str value,
    void *to)
{
	struct str text;
	int64_t us;

	if (json_kind(value) != JSON_TEXT)
		return wrong(b, str_of(f->name), "must be a string");
	if (!json_unquote(b->mem, value, &text))
		return E_TOO_LARGE;
	if (!clock_read(text, &us))
		return wrong(b, str_of(f->name),
		    "must be a time such as 2030-01-31T12:00:00Z");
	put_number(f, us, to);
	return OK;
}

static enum err
bind_bool(struct binding *b, const struct bind_field *f, struct str value,
    void *to)
{
	bool is_true = json_is_true(value);

	if (json_kind(value) != JSON_BOOL)
		return wrong(b, str_of(f->name), "must be true or false");
	if (f->required)
		*(bool *)to = is_true;
	else
		*(struct opt_bool *)to = (struct opt_bool){ true, is_true };
	return OK;
}

static enum err
bind_item(struct binding *b, const struct bind_field *f, struct str value,
    struct str *to)
{
	size_t length;
	enum err e;

	if (json_kind(value) != JSON_TEXT)
		return wrong(b, str_of(f->name), "must be an array of strings");
	e = read_text(b, f, value, to);
	if (e)
		return e;
	length = str_utf8_length(*to);
	if (length < 1 || length > ITEM_MAX)
		return wrong(b, str_of(f->name),
		    "must be an array of strings of 1 to %d characters",
		    ITEM_MAX);
	return OK;
}

static enum err
bind_list(struct binding *b, const struct bind_field *f, struct str value,
    void *to)
{
	struct json_walk walk;
	struct json_item item;
	size_t n = 0;
	enum err e;

	if (json_kind(value) != JSON_ARRAY)
		return wrong(b, str_of(f->name), "must be an array of strings");
	json_walk(&walk, b->mem, value);
	while (json_next(&walk, &item))
		n++;
	e = check_range(b, f, (int64_t)n, " items");
	if (e)
		return e;

	struct str *items = arena_alloc(b->mem, n * sizeof(*items));

	if (!items)
		return E_TOO_LARGE;
	json_walk(&walk, b->mem, value);
	for (size_t i = 0; i < n && json_next(&walk, &item) && !e; i++)
		e = bind_item(b, f, item.value, &items[i]);
	*(struct array *)to = (struct array){ items, n };
	return e;
}

static enum err
bind_json(struct binding *b, const struct bind_field *f, struct str value,
    void *to)
{
	(void)b;
	(void)f;
	*(struct str *)to = value;
	return OK;
}

static enum err (*const binders[])(struct binding *, const struct bind_field *,
    struct str value, void *to) = {
	[BIND_TEXT] = bind_text,
	[BIND_INT] = bind_int,
	[BIND_BOOL] = bind_bool,
	[BIND_LIST] = bind_list,
	[BIND_TIME] = bind_time,
	[BIND_JSON] = bind_json,
};

/* An unknown name is quoted, but cut: it may be a megabyte. */
static struct str
cut_name(struct str name)
{
	struct str cut = { name.p, 0 };

	while (cut.n < name.n && cut.n < NAME_SHOWN)
		cut.n += str_utf8_step(
		    (struct str){ name.p + cut.n, name.n - cut.n });
	return cut;
}

static enum err
bind_member(struct binding *b, const struct json_item *item)
{
	size_t i = 0;

	while (i < b->n && !str_eq(item->name, str_of(b->fields[i].name)))
		i++;
	if (i == b->n)
		return wrong(b, cut_name(item->name), "is not known");
	if (b->given >> i & 1)
		return wrong(b, item->name, "is given twice");
	b->given |= UINT64_C(1) << i;

	const struct bind_field *f = &b->fields[i];

	return binders[f->type](b, f, item->value, b->to + f->offset);
}

static enum err
check_body(struct binding *b, struct str body)
{
	struct json_facts facts;
	struct json_fault fault;

	if (!json_check(body, JSON_DEPTH_MAX, &facts, &fault))
		return wrong(b, STR(""), "is not JSON: %s at byte %zu",
		    fault.reason, fault.at);
	if (facts.has_nul)
		return wrong(b, STR(""), "must not contain \\u0000");
	if (facts.has_lone_surrogate)
		return wrong(b, STR(""),
		    "must not contain half of a surrogate pair");
	if (json_kind(str_trim(body)) != JSON_OBJECT)
		return wrong(b, STR(""), "must be an object");
	return OK;
}

enum err
bind_object(struct arena *mem, struct str body, const struct bind_field *fields,
    size_t n, void *to, struct bind_problem *problem)
{
	struct binding b = { mem, fields, n, to, problem, 0 };
	struct json_walk walk;
	struct json_item item;
	enum err e;

	if (n > FIELDS_MAX)
		BUG("%zu fields, more than %d", n, FIELDS_MAX);
	*problem = (struct bind_problem){ .sentence = "" };
	e = check_body(&b, body);
	if (e)
		return e;
	json_walk(&walk, mem, body);
	while (!e && json_next(&walk, &item))
		e = bind_member(&b, &item);
	if (!e && walk.failed)
		e = E_TOO_LARGE;
	for (size_t i = 0; i < n && !e; i++)
		if (fields[i].required && !(b.given >> i & 1))
			e = wrong(&b, str_of(fields[i].name), "is required");
	return e;
}
