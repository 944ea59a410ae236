/*
 * Finds numbers that a double cannot hold exactly. Up to 15 digits always fit.
 * The digits of a longer number are compared with those of the shortest text
 * that yields the same double.
 */
#include "lib/json/json.h"

enum {
	SAFE_DIGITS = 15,
	MOST_DIGITS = 17,
	NUMBER_MAX = 1100, /* a longer number never keeps its value */
};

/* Copies digits without leading and trailing zeros; returns their number. */
static size_t
digits_of(const char *p, size_t n, char *to)
{
	size_t found = 0, zeros = 0;

	for (size_t i = 0; i < n && p[i] != 'e' && p[i] != 'E'; i++) {
		if (p[i] < '0' || p[i] > '9' || (p[i] == '0' && !found))
			continue;
		to[found++] = p[i];
		zeros = p[i] == '0' ? zeros + 1 : 0;
	}
	return found - zeros;
}

static bool
is_exact(const char *p, size_t n)
{
	char text[NUMBER_MAX], given[NUMBER_MAX], printed[32], digits[32];
	size_t n_digits;
	double d;

	if (n >= sizeof(text))
		return false;
	memcpy(text, p, n);
	text[n] = '\0';
	d = strtod(text, NULL);
	n_digits = digits_of(text, n, given);
	if (n_digits == 0)
		return true;
	/* Infinite, or rounded to zero. */
	if (d - d != 0 || d == 0 || n_digits > MOST_DIGITS)
		return false;
	for (int precision = SAFE_DIGITS; precision <= MOST_DIGITS;
	     precision++) {
		snprintf(printed, sizeof(printed), "%.*e", precision - 1, d);
		if (strtod(printed, NULL) == d)
			break;
	}
	return digits_of(printed, strlen(printed), digits) == n_digits &&
	    memcmp(digits, given, n_digits) == 0;
}

/* The end of the string that was opened before `i`. */
static size_t
skip_string(struct str text, size_t i)
{
	while (i < text.n && text.p[i] != '"')
		i += text.p[i] == '\\' ? 2 : 1;
	return i + 1;
}

static bool
is_number_char(char c)
{
	return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' ||
	    c == '+' || c == '-';
}

bool
json_fits_doubles(struct str text)
{
	size_t i = 0;

	while (i < text.n) {
		size_t from = i;

		if (text.p[i] == '"') {
			i = skip_string(text, i + 1);
			continue;
		}
		if (text.p[i] != '-' && (text.p[i] < '0' || text.p[i] > '9')) {
			i++;
			continue;
		}
		while (i < text.n && is_number_char(text.p[i]))
			i++;
		if (i - from > SAFE_DIGITS ||
		    memchr(text.p + from, 'e', i - from) ||
		    memchr(text.p + from, 'E', i - from))
			if (!is_exact(text.p + from, i - from))
				return false;
	}
	return true;
}
