/*
 * One field of a schedule. It refuses what other crons read in different ways,
 * such as "5/15" and "L", so that a schedule never means something else than its
 * author believes.
 */
#include "lib/time/schedule_impl.h"

static const char *const month_names[] = { "JAN", "FEB", "MAR", "APR", "MAY",
	"JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC", NULL };
static const char *const weekday_names[] = { "SUN", "MON", "TUE", "WED", "THU",
	"FRI", "SAT", NULL };

struct field {
	const char *name, *noun;
	int min, max;
	const char *const *names;
	const char *advice;
};

/* `max` is the last value of "*"; 7 is another name of Sunday. */
static const struct field fields[SCHEDULE_FIELDS] = {
	{ "minute", "a minute", 0, 59, NULL, "0 to 59" },
	{ "hour", "an hour", 0, 23, NULL, "0 to 23" },
	{ "day of month", "a day of the month", 1, 31, NULL, "1 to 31" },
	{ "month", "a month", 1, 12, month_names, "1 to 12 or JAN to DEC" },
	{ "day of week", "a day of the week", 0, 6, weekday_names,
	    "0 to 7 or SUN to SAT" },
};

bool
schedule_refuse(char problem[SCHEDULE_PROBLEM], const char *field,
    const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init_fixed(&b, problem, SCHEDULE_PROBLEM - 1);
	if (field)
		buf_printf(&b, "The %s field ", field);
	va_start(args, format);
	buf_vprintf(&b, format, args);
	va_end(args);
	b.p[b.n] = '\0';
	return false;
}

struct parser {
	const struct field *field;
	char *problem;
};

/* Always false. */
#define REFUSE(p, ...) \
	schedule_refuse((p)->problem, (p)->field->name, __VA_ARGS__)

static struct str
slice(struct str s, size_t from, size_t to)
{
	return (struct str){ s.p + from, to - from };
}

/* Splits at the first `by`; false without one. */
static bool
split(struct str s, char by, struct str *before, struct str *after)
{
	const char *at = s.n ? memchr(s.p, by, s.n) : NULL;

	if (!at)
		return false;
	*before = slice(s, 0, (size_t)(at - s.p));
	*after = slice(s, (size_t)(at - s.p) + 1, s.n);
	return true;
}

static bool
has(struct str s, char c)
{
	return s.n && memchr(s.p, c, s.n);
}

/* -1 if it is no number. Any number of more than four digits is too large. */
static int
number_of(struct str s)
{
	int value = 0;

	if (!s.n)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		if (value < 10000)
			value = value * 10 + s.p[i] - '0';
	}
	return value;
}

static int
number_of_name(const struct field *f, struct str s)
{
	for (int i = 0; f->names && f->names[i]; i++)
		if (str_eq_nocase(s, str_of(f->names[i])))
			return f->min + i;
	return -1;
}

/*
 * Signs of other crons. A letter is one of them if it stands alone, behind a
 * number or a day: JUL and WED are none.
 */
static char
foreign_sign(struct str item)
{
	struct str head = slice(item, 0, item.n - 1);
	char last = item.p[item.n - 1] & ~0x20;

	for (const char *sign = "?#~"; *sign; sign++)
		if (has(item, *sign))
			return *sign;
	if ((last == 'L' || last == 'W') &&
	    (!head.n || number_of(head) >= 0 || str_eq_nocase(head, STR("L")) ||
		number_of_name(&fields[SCHEDULE_WEEKDAY], head) >= 0))
		return last;
	return item.n > 1 && (item.p[0] & ~0x20) == 'L' && item.p[1] == '-'
	    ? 'L'
	    : '\0';
}

static bool
parse_value(const struct parser *p, struct str text, int *value)
{
	const struct field *f = p->field;

	*value = number_of(text);
	if (*value < 0)
		*value = number_of_name(f, text);
	if (*value >= f->min &&
	    (*value <= f->max ||
		(f == &fields[SCHEDULE_WEEKDAY] && *value == SCHEDULE_SUNDAY)))
		return true;
	return REFUSE(p, "contains \"%.*s%s\", which is not %s. Use %s.",
	    SCHEDULE_QUOTE(text), f->noun, f->advice);
}

static void
put_range(struct buf *b, int from, int to)
{
	buf_int(b, from);
	if (from < to)
		buf_printf(b, "-%d", to);
}

/* A range of the field that goes on across its end is two ranges. */
static bool
refuse_reversed(const struct parser *p, struct str range, int from, int to)
{
	const struct field *f = p->field;
	char text[sizeof("59-59,59-59")];
	struct buf b;

	buf_init_fixed(&b, text, sizeof(text));
	if (from <= f->max) {
		put_range(&b, from, f->max);
		buf_putc(&b, ',');
	}
	put_range(&b, f->min, to);
	return REFUSE(p,
	    "has the reversed range \"%.*s%s\". To go across the end, write "
	    "\"%.*s\".",
	    SCHEDULE_QUOTE(range), STR_ARGS(buf_view(&b)));
}

/* "*", "5" or "1-5". */
static bool
parse_range(const struct parser *p, struct str range, int *from, int *to)
{
	const struct field *f = p->field;
	struct str first, last;

	if (str_eq(range, STR("*"))) {
		*from = f->min;
		*to = f->max;
		return true;
	}
	if (has(range, '*'))
		return REFUSE(p,
		    "contains \"%.*s%s\". A \"*\" stands alone or before a "
		    "step.",
		    SCHEDULE_QUOTE(range));
	if (!split(range, '-', &first, &last)) {
		bool good = parse_value(p, range, from);

		*to = *from;
		return good;
	}
	if (has(last, '-'))
		return REFUSE(p,
		    "has more than one \"-\" in \"%.*s%s\". Separate ranges by "
		    "commas.",
		    SCHEDULE_QUOTE(range));
	if (!first.n || !last.n)
		return REFUSE(p,
		    "has a range without %s in \"%.*s%s\". Use %s.",
		    first.n ? "an end" : "a beginning", SCHEDULE_QUOTE(range),
		    f->advice);
	if (!parse_value(p, first, from) || !parse_value(p, last, to))
		return false;
	/* FRI-SUN ends with the week. */
	if (*to == 0 && *from && str_eq_nocase(last, STR("SUN")))
		*to = SCHEDULE_SUNDAY;
	return *from <= *to || refuse_reversed(p, range, *from, *to);
}

static bool
parse_step(const struct parser *p, struct str item, struct str range,
    struct str text, int *step)
{
	const struct field *f = p->field;
	int max = f->max - f->min + 1;

	*step = number_of(text);
	if (has(text, '/'))
		return REFUSE(p,
		    "has more than one \"/\" in \"%.*s%s\". Write one step.",
		    SCHEDULE_QUOTE(item));
	if (!text.n)
		return REFUSE(p, "has no step in \"%.*s%s\". Use 1 to %d.",
		    SCHEDULE_QUOTE(item), max);
	if (!range.n)
		return REFUSE(p,
		    "has no range before the step in \"%.*s%s\". Write "
		    "\"*/%.*s%s\".",
		    SCHEDULE_QUOTE(item), SCHEDULE_QUOTE(text));
	if (*step < 1 || *step > max)
		return REFUSE(p,
		    "has the step \"%.*s%s\" in \"%.*s%s\". Use 1 to %d.",
		    SCHEDULE_QUOTE(text), SCHEDULE_QUOTE(item), max);
	return true;
}

static uint64_t
bit(int n)
{
	return n >= 0 && n < 64 ? UINT64_C(1) << n : 0;
}

static bool
parse_item(const struct parser *p, struct str item, uint64_t *set)
{
	struct str range = item, text;
	int from = 0, to = 0, step = 1;
	bool has_step;
	char sign;

	if (!item.n)
		return REFUSE(p,
		    "has an empty item in its list. Remove the extra comma.");
	sign = foreign_sign(item);
	if (sign)
		return REFUSE(p, "uses \"%c\", which is not supported. %s",
		    sign, sign == '?' ? "Write \"*\"." : "List the values.");
	has_step = split(item, '/', &range, &text);
	if ((has_step && !parse_step(p, item, range, text, &step)) ||
	    !parse_range(p, range, &from, &to))
		return false;
	if (has_step && !has(range, '-') && !has(range, '*'))
		return REFUSE(p,
		    "has a step after a single value in \"%.*s%s\". Write "
		    "\"%d-%d/%d\".",
		    SCHEDULE_QUOTE(item), from > p->field->max ? 0 : from,
		    p->field->max, step);
	for (int value = from; value <= to; value += step)
		*set |= bit(value);
	return true;
}

bool
schedule_parse_field(enum schedule_field which, struct str text, uint64_t *set,
    char problem[SCHEDULE_PROBLEM])
{
	const struct parser p = { &fields[which], problem };
	size_t begin = 0;

	*set = 0;
	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != ',')
			continue;
		if (!parse_item(&p, slice(text, begin, i), set))
			return false;
		begin = i + 1;
	}
	return true;
}
