/*
 * Tests shift the wall clock of all processes of a stack at once by writing to
 * the mapped file. In production no file is mapped.
 */
#include "lib/os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SECONDS_PER_DAY = 86400 };

static const volatile int64_t *shift_ns;

bool
clock_shift_by(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at = MAP_FAILED;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(int64_t))
		at = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
	else
		errno = EINVAL;
	close(fd);
	if (at == MAP_FAILED)
		return false;
	shift_ns = at;
	return true;
}

static int64_t
now(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t
clock_wall_us(void)
{
	return (now(CLOCK_REALTIME) + (shift_ns ? *shift_ns : 0)) / NS_PER_US;
}

int64_t
clock_machine_us(void)
{
	return now(CLOCK_REALTIME) / NS_PER_US;
}

int64_t
clock_mono_ns(void)
{
	return now(CLOCK_MONOTONIC);
}

int32_t
clock_day(int64_t wall_us)
{
	return (int32_t)(wall_us / (SECONDS_PER_DAY * US_PER_S));
}

int64_t
clock_midnight(int32_t day)
{
	return day * SECONDS_PER_DAY * US_PER_S;
}

/* Each answer and each log line has a date: strftime() and printf() cost more. */
static void
put_digits(char *to, size_t n, int value)
{
	while (n--) {
		to[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

static void
put_clock(char *to, const struct tm *tm)
{
	put_digits(to, 2, tm->tm_hour);
	put_digits(to + 3, 2, tm->tm_min);
	put_digits(to + 6, 2, tm->tm_sec);
}

void
clock_text(int64_t wall_us, char to[CLOCK_TEXT])
{
	time_t seconds = (time_t)(wall_us / US_PER_S);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	memcpy(to, "0000-00-00T00:00:00.000000Z", CLOCK_TEXT);
	put_digits(to, 4, tm.tm_year + 1900);
	put_digits(to + 5, 2, tm.tm_mon + 1);
	put_digits(to + 8, 2, tm.tm_mday);
	put_clock(to + 11, &tm);
	put_digits(to + 20, 6, (int)(wall_us % US_PER_S));
}

void
buf_time(struct buf *b, int64_t wall_us)
{
	char text[CLOCK_TEXT];

	clock_text(wall_us, text);
	buf_printf(b, "\"%s\"", text);
}

void
buf_date(struct buf *b, int32_t day)
{
	char text[CLOCK_TEXT];

	clock_text(clock_midnight(day), text);
	buf_printf(b, "\"%.10s\"", text);
}

/* Takes exactly n digits off the front; -1 if there are fewer. */
static int
take_digits(struct str *text, size_t n)
{
	int value = 0;

	if (text->n < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (text->p[i] < '0' || text->p[i] > '9')
			return -1;
		value = value * 10 + text->p[i] - '0';
	}
	*text = (struct str){ text->p + n, text->n - n };
	return value;
}

static bool
take_separator(struct str *text, const char *marks)
{
	if (text->n == 0 || !text->p[0] || !strchr(marks, text->p[0]))
		return false;
	*text = (struct str){ text->p + 1, text->n - 1 };
	return true;
}

/* ".5" is half a second, to the microsecond. */
static bool
take_fraction(struct str *text, int64_t *us)
{
	int64_t unit = US_PER_S;
	int digit, n = 0;

	if (!take_separator(text, "."))
		return true;
	for (; (digit = take_digits(text, 1)) >= 0; n++) {
		unit /= 10;
		*us += digit * unit;
	}
	return n > 0;
}

/* "Z" or "+02:00", in seconds. */
static bool
take_offset(struct str *text, int64_t *seconds)
{
	bool is_west = text->n && text->p[0] == '-';
	int hours, minutes;

	*seconds = 0;
	if (take_separator(text, "Zz"))
		return true;
	if (!take_separator(text, "+-") || (hours = take_digits(text, 2)) < 0 ||
	    !take_separator(text, ":") || (minutes = take_digits(text, 2)) < 0)
		return false;
	*seconds = (is_west ? -1 : 1) * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

/* Year to second; `marks` may separate a part from the one before it. */
static bool
take_parts(struct str *text, int parts[6])
{
	static const struct {
		const char *marks;
		size_t digits;
		int min, max;
	} rows[] = {
		{ NULL, 4, 1970, 9999 },
		{ "-", 2, 1, 12 },
		{ "-", 2, 1, 31 },
		{ "Tt ", 2, 0, 23 },
		{ ":", 2, 0, 59 },
		{ ":", 2, 0, 59 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].marks && !take_separator(text, rows[i].marks))
			return false;
		parts[i] = take_digits(text, rows[i].digits);
		if (parts[i] < rows[i].min || parts[i] > rows[i].max)
			return false;
	}
	return true;
}

bool
clock_read(struct str text, int64_t *wall_us)
{
	int64_t us = 0, offset;
	struct tm tm = { 0 };
	int parts[6];

	if (!take_parts(&text, parts) || !take_fraction(&text, &us) ||
	    !take_offset(&text, &offset) || text.n)
		return false;
	tm.tm_year = parts[0] - 1900;
	tm.tm_mon = parts[1] - 1;
	tm.tm_mday = parts[2];
	tm.tm_hour = parts[3];
	tm.tm_min = parts[4];
	tm.tm_sec = parts[5];
	us += ((int64_t)timegm(&tm) - offset) * US_PER_S;
	if (tm.tm_mday != parts[2] || us < 0)
		return false;
	*wall_us = us;
	return true;
}

void
clock_date(int64_t wall_us, char to[CLOCK_DATE])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)(wall_us / US_PER_S);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	memcpy(to, "Day, 00 Mon 0000 00:00:00 GMT", CLOCK_DATE);
	memcpy(to, days + 3 * tm.tm_wday, 3);
	put_digits(to + 5, 2, tm.tm_mday);
	memcpy(to + 8, months + 3 * tm.tm_mon, 3);
	put_digits(to + 12, 4, tm.tm_year + 1900);
	put_clock(to + 17, &tm);
}

bool
clock_read_http_date(struct str text, int64_t *wall_us)
{
	static const char *const forms[] = {
		"%a, %d %b %Y %H:%M:%S GMT",
		"%A, %d-%b-%y %H:%M:%S GMT",
		"%a %b %e %H:%M:%S %Y",
	};
	char copy[64];

	if (text.n >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(copy, forms[i], &tm);
		int day = tm.tm_mday;

		if (!end || *end)
			continue;
		*wall_us = (int64_t)timegm(&tm) * US_PER_S;
		return tm.tm_mday == day;
	}
	return false;
}

int64_t
clock_earlier(int64_t a, int64_t b)
{
	return a && (!b || a < b) ? a : b;
}

int
clock_ms_left(int64_t deadline_ns)
{
	int64_t left = deadline_ns - clock_mono_ns();

	if (left <= 0)
		return 0;
	/* Round up, or poll() would spin through the last millisecond. */
	left = (left + NS_PER_MS - 1) / NS_PER_MS;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void
clock_sleep(int64_t ns)
{
	const struct timespec t = { ns / NS_PER_S, ns % NS_PER_S };

	if (ns > 0)
		nanosleep(&t, NULL);
}
