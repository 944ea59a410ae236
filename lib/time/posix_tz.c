/*
 * RFC 9636 extends the rule of POSIX: the time of a change may be negative, and
 * more than a day from midnight.
 */
#include "lib/time/posix_tz.h"

#include "lib/time/date.h"

enum {
	SECONDS_AN_HOUR = 3600,
	HOURS_OF_OFFSET = 24,
	HOURS_OF_CHANGE = 167,
	LAST_WEEK = 5,
	/* A change may be a week before or after its year. */
	YEARS_AROUND = 4,
};

static bool
take(struct str *text, char c)
{
	if (!text->n || text->p[0] != c)
		return false;
	*text = (struct str){ text->p + 1, text->n - 1 };
	return true;
}

/* A decimal number of at most three digits. */
static bool
take_number(struct str *text, int min, int max, int *value)
{
	size_t n = 0;

	*value = 0;
	for (; n < text->n && n < 3; n++) {
		if (text->p[n] < '0' || text->p[n] > '9')
			break;
		*value = *value * 10 + text->p[n] - '0';
	}
	*text = (struct str){ text->p + n, text->n - n };
	return n && *value >= min && *value <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool
take_time(struct str *text, int max_hours, int32_t *seconds)
{
	bool is_negative = take(text, '-');
	int hours, minutes = 0, rest = 0;

	if (!is_negative)
		(void)take(text, '+');
	if (!take_number(text, 0, max_hours, &hours))
		return false;
	if (take(text, ':')) {
		if (!take_number(text, 0, 59, &minutes))
			return false;
		if (take(text, ':') && !take_number(text, 0, 59, &rest))
			return false;
	}
	*seconds = hours * SECONDS_AN_HOUR + minutes * 60 + rest;
	if (is_negative)
		*seconds = -*seconds;
	return true;
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Letters, or letters, digits and signs in angle brackets. */
static bool
take_abbreviation(struct str *text, char to[TZ_ABBREVIATION])
{
	bool is_quoted = take(text, '<');
	size_t n = 0;

	for (; n < text->n && n < TZ_ABBREVIATION - 1; n++) {
		char c = text->p[n];

		if (!is_letter(c) &&
		    !(is_quoted && c && strchr("0123456789+-", c)))
			break;
		to[n] = c;
	}
	to[n] = '\0';
	*text = (struct str){ text->p + n, text->n - n };
	return n >= 3 && (!is_quoted || take(text, '>'));
}

static bool
take_day(struct str *text, struct tz_change *c)
{
	if (take(text, 'M')) {
		c->form = 'M';
		return take_number(text, 1, 12, &c->month) && take(text, '.') &&
		    take_number(text, 1, LAST_WEEK, &c->week) &&
		    take(text, '.') && take_number(text, 0, 6, &c->day);
	}
	c->form = take(text, 'J') ? 'J' : 'N';
	return take_number(text, c->form == 'J', 365, &c->day);
}

static bool
take_change(struct str *text, struct tz_change *c)
{
	c->seconds = 2 * SECONDS_AN_HOUR;
	return take(text, ',') && take_day(text, c) &&
	    (!take(text, '/') || take_time(text, HOURS_OF_CHANGE, &c->seconds));
}

bool
posix_tz_parse(struct str text, struct tz_rule *rule)
{
	int32_t west;

	*rule = (struct tz_rule){ 0 };
	if (!take_abbreviation(&text, rule->standard.abbreviation) ||
	    !take_time(&text, HOURS_OF_OFFSET, &west))
		return false;
	rule->standard.offset = -west;
	if (!text.n)
		return true;
	rule->has_daylight = true;
	if (!take_abbreviation(&text, rule->daylight.abbreviation))
		return false;
	west -= SECONDS_AN_HOUR;
	if (text.n && text.p[0] != ',' &&
	    !take_time(&text, HOURS_OF_OFFSET, &west))
		return false;
	rule->daylight.offset = -west;
	return take_change(&text, &rule->begin) &&
	    take_change(&text, &rule->end) && !text.n;
}

static int64_t
day_of_change(const struct tz_change *c, int year)
{
	int64_t first, day;

	if (c->form == 'N')
		return date_to_day(year, 1, 1) + c->day;
	if (c->form == 'J')
		return date_to_day(year, 1, 1) + c->day - 1 +
		    (c->day > 59 && date_month_days(year, 2) == 29);
	first = date_to_day(year, c->month, 1);
	day = first + floor_mod(c->day - date_weekday(first), 7) +
	    7 * (int64_t)(c->week - 1);
	return day < first + date_month_days(year, c->month) ? day : day - 7;
}

bool
posix_tz_at(const struct tz_rule *rule, int64_t second, int64_t *begin,
    int64_t *end)
{
	int64_t day = floor_div(second, SECONDS_A_DAY);
	int year = date_of_day(day).year - 1;
	int64_t from[YEARS_AROUND], to[YEARS_AROUND];
	bool is_daylight = false;

	*begin = INT64_MIN;
	*end = INT64_MAX;
	if (!rule->has_daylight)
		return false;
	for (int i = 0; i < YEARS_AROUND; i++) {
		from[i] =
		    day_of_change(&rule->begin, year + i) * SECONDS_A_DAY +
		    rule->begin.seconds - rule->standard.offset;
		to[i] = day_of_change(&rule->end, year + i) * SECONDS_A_DAY +
		    rule->end.seconds - rule->daylight.offset;
	}
	for (int i = 0; i < YEARS_AROUND; i++) {
		const int64_t changes[] = { from[i], to[i] };

		for (size_t j = 0; j < ARRAY_LEN(changes); j++) {
			if (changes[j] <= second && changes[j] > *begin)
				*begin = changes[j];
			if (changes[j] > second && changes[j] < *end)
				*end = changes[j];
		}
		/* South of the equator it ends in the next year. */
		if (i + 1 < YEARS_AROUND && from[i] <= second)
			is_daylight |=
			    second < (to[i] > from[i] ? to[i] : to[i + 1]);
	}
	return is_daylight;
}
