/*
 * A schedule as a whole: its characters, "@" names and number of fields, and
 * whether it ever comes.
 */
#include "lib/time/schedule_impl.h"

#include "lib/time/date.h"

enum { DELETE = 0x7f };

static const struct {
	struct str name, fields;
} nicknames[] = {
	{ STR("@hourly"), STR("0 * * * *") },
	{ STR("@daily"), STR("0 0 * * *") },
	{ STR("@midnight"), STR("0 0 * * *") },
	{ STR("@weekly"), STR("0 0 * * 0") },
	{ STR("@monthly"), STR("0 0 1 * *") },
	{ STR("@yearly"), STR("0 0 1 1 *") },
	{ STR("@annually"), STR("0 0 1 1 *") },
};

/* Takes the text up to the next blank off the front; false at the end. */
static bool
take_word(struct str *rest, struct str *word)
{
	size_t n = 0;

	*rest = str_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	*word = (struct str){ rest->p, n };
	*rest = (struct str){ rest->p + n, rest->n - n };
	return n > 0;
}

/* Returns how many fields there are, which may be more than `texts` holds. */
static int
split_fields(struct str text, struct str texts[SCHEDULE_FIELDS])
{
	struct str word;
	int n = 0;

	for (; take_word(&text, &word); n++)
		if (n < SCHEDULE_FIELDS)
			texts[n] = word;
	return n;
}

static bool
check_characters(char *problem, struct str text)
{
	if (text.n > SCHEDULE_MAX)
		return schedule_refuse(problem, NULL,
		    "The schedule is longer than %d characters.", SCHEDULE_MAX);
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c > DELETE)
			return schedule_refuse(problem, NULL,
			    "The schedule contains a character that is not "
			    "ASCII.");
		if ((c < ' ' && c != '\t') || c == DELETE)
			return schedule_refuse(problem, NULL,
			    "The schedule contains a control character.");
	}
	return true;
}

static bool
refuse_count(char *problem, int n)
{
	if (n > SCHEDULE_FIELDS)
		return schedule_refuse(problem, NULL,
		    "The schedule has %d fields. Write five, without seconds, "
		    "years or a command: minute, hour, day of month, month, "
		    "day of week.",
		    n);
	return schedule_refuse(problem, NULL,
	    "The schedule has %d field%s. Write five: minute, hour, day of "
	    "month, month, day of week.",
	    n, n == 1 ? "" : "s");
}

/* Replaces "@daily" by its fields. */
static bool
expand_nickname(char *problem, struct str *text)
{
	struct str name, rest = *text;

	if (!take_word(&rest, &name) || str_eq_nocase(name, STR("@reboot")))
		return schedule_refuse(problem, NULL,
		    "\"@reboot\" is not supported. Write five fields, or a name"
		    " such as \"@daily\".");
	for (size_t i = 0; i < ARRAY_LEN(nicknames); i++) {
		if (!str_eq_nocase(name, nicknames[i].name))
			continue;
		*text = nicknames[i].fields;
		return !rest.n ||
		    schedule_refuse(problem, NULL,
			"\"%.*s\" stands alone. Remove the text after it.",
			STR_ARGS(name));
	}
	return schedule_refuse(problem, NULL,
	    "\"%.*s%s\" is not supported. Use @hourly, @daily, @midnight, "
	    "@weekly, @monthly, @yearly or @annually.",
	    SCHEDULE_QUOTE(name));
}

/* crontab files may name the time zone before the schedule. */
static bool
check_zone(char *problem, struct str text)
{
	return (!str_starts(text, STR("TZ=")) &&
		   !str_starts(text, STR("CRON_TZ="))) ||
	    schedule_refuse(problem, NULL,
		"The schedule begins with a time zone. Write it in a field of "
		"its own.");
}

/* Each weekday comes on each date some year, so only the month decides. */
static bool
ever_comes(const struct schedule *s)
{
	static const int leap_year = 2024;

	if (!s->needs_both_days)
		return true;
	for (int month = 1; month <= 12; month++) {
		uint32_t days =
		    UINT32_MAX >> (31 - date_month_days(leap_year, month));

		if (s->months >> month & 1 && s->days & days)
			return true;
	}
	return false;
}

static void
fill(struct schedule *s, const uint64_t sets[SCHEDULE_FIELDS],
    const struct str texts[SCHEDULE_FIELDS])
{
	*s = (struct schedule){
		.minutes = sets[SCHEDULE_MINUTE],
		.hours = (uint32_t)sets[SCHEDULE_HOUR],
		.days = (uint32_t)sets[SCHEDULE_DAY],
		.months = (uint16_t)sets[SCHEDULE_MONTH],
		.weekdays = (uint8_t)((sets[SCHEDULE_WEEKDAY] & 0x7f) |
		    sets[SCHEDULE_WEEKDAY] >> SCHEDULE_SUNDAY),
		.has_fixed_time = texts[SCHEDULE_MINUTE].p[0] != '*' &&
		    texts[SCHEDULE_HOUR].p[0] != '*',
		.needs_both_days = texts[SCHEDULE_DAY].p[0] == '*' ||
		    texts[SCHEDULE_WEEKDAY].p[0] == '*',
	};
}

bool
schedule_parse(struct str text, struct schedule *s,
    char problem[SCHEDULE_PROBLEM])
{
	struct str texts[SCHEDULE_FIELDS];
	uint64_t sets[SCHEDULE_FIELDS];
	int n;

	if (!check_characters(problem, text))
		return false;
	text = str_trim(text);
	if (!text.n)
		return schedule_refuse(problem, NULL,
		    "The schedule is empty. Write five fields, such as "
		    "\"30 2 * * *\", or a name, such as \"@daily\".");
	if (!check_zone(problem, text) ||
	    (text.p[0] == '@' && !expand_nickname(problem, &text)))
		return false;
	n = split_fields(text, texts);
	if (n != SCHEDULE_FIELDS)
		return refuse_count(problem, n);
	for (int i = 0; i < SCHEDULE_FIELDS; i++)
		if (!schedule_parse_field((enum schedule_field)i, texts[i],
			&sets[i], problem))
			return false;
	fill(s, sets, texts);
	return ever_comes(s) ||
	    schedule_refuse(problem, NULL,
		"The schedule never matches: none of its months has one of its "
		"days.");
}
