/*
 * The clocks: text forms, and the shift by tests.
 */
#include "lib/os/clock.h"
#include "t/unit/tap.h"

#include <errno.h>
#include <unistd.h>

static void
test_text(void)
{
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 951825599999999, "2000-02-29T11:59:59.999999Z" },
		{ 1769862896123456, "2026-01-31T12:34:56.123456Z" },
		{ 253402300799000001, "9999-12-31T23:59:59.000001Z" },
	};
	char text[CLOCK_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		clock_text(rows[i].us, text);
		is_str(text, rows[i].text, rows[i].text);
	}
}

static void
test_read(void)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2000-02-29T11:59:59.999999Z", 951825599999999 },
		{ "2026-01-31t12:34:56.1234569z", 1769862896123456 },
		{ "2026-01-31 12:34:56.5Z", 1769862896500000 },
		{ "2026-01-31T14:34:56+02:00", 1769862896000000 },
		{ "2026-01-31T07:04:56-05:30", 1769862896000000 },
	};
	static const char *const bad[] = {
		"",
		"tomorrow",
		"2026-01-31",
		"2026-01-31T12:34:56",
		"2026-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-01-32T00:00:00Z",
		"2026-01-31T24:00:00Z",
		"2026-01-31T12:60:00Z",
		"2026-01-31T12:34:60Z",
		"2026-01-31T12:34:56.Z",
		"2026-01-31T12:34:56Z ",
		"2026-01-31T12:34:56+24:00",
		"2026-01-31T12:34:56+2:00",
		"1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+01:00",
		"12026-01-31T12:34:56Z",
		"2026-1-31T12:34:56Z",
		"-026-01-31T12:34:56Z",
	};
	int64_t us;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		us = -1;
		ok(clock_read(str_of(rows[i].text), &us), "%s", rows[i].text);
		is_int(us, rows[i].us, "... is read as that time");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!clock_read(str_of(bad[i]), &us), "'%s' is not a time",
		    bad[i]);
	ok(!clock_read((struct str){ "2026\0", 5 }, &us),
	    "a text with NUL is not a time");
}

static void
test_date(void)
{
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
		{ 951825599999999, "Tue, 29 Feb 2000 11:59:59 GMT" },
		{ 1769862896123456, "Sat, 31 Jan 2026 12:34:56 GMT" },
		{ 253402300799000001, "Fri, 31 Dec 9999 23:59:59 GMT" },
	};
	char text[CLOCK_DATE];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		clock_date(rows[i].us, text);
		is_str(text, rows[i].text, rows[i].text);
	}
}

static void
write_shift(int fd, int64_t ns)
{
	if (pwrite(fd, &ns, sizeof(ns), 0) != sizeof(ns))
		abort();
}

static void
is_ahead(int64_t from_us, int64_t seconds, const char *what)
{
	int64_t off = clock_wall_us() - from_us - seconds * US_PER_S;

	ok(off >= 0 && off < 30 * US_PER_S, "%s", what);
}

static void
test_shift(void)
{
	char path[] = "/tmp/io7-clock-XXXXXX";
	int fd = mkstemp(path);
	int64_t from = clock_wall_us(), mono = clock_mono_ns();

	ok(!clock_shift_by("/nowhere/at/all") && errno == ENOENT,
	    "a missing file cannot be mapped");
	ok(!clock_shift_by(path) && errno == EINVAL,
	    "a file that is too short cannot be mapped");
	write_shift(fd, 0);
	ok(clock_shift_by(path), "a file of eight bytes is mapped");
	is_ahead(from, 0, "the shift is 0");
	write_shift(fd, 3600 * NS_PER_S);
	is_ahead(from, 3600, "an hour ahead, immediately");
	write_shift(fd, -60 * NS_PER_S);
	is_ahead(from, -60, "a minute back");
	write_shift(fd, 0);
	ok(clock_mono_ns() - mono < 60 * NS_PER_S,
	    "the monotonic clock does not move");
	close(fd);
	unlink(path);
}

static void
test_deadlines(void)
{
	int64_t now = clock_mono_ns();
	int left = clock_ms_left(now + 10 * NS_PER_S);

	ok(left > 9000 && left <= 10000, "ten seconds are left");
	is_int(clock_ms_left(now), 0, "a deadline that is now has 0 ms left");
	is_int(clock_ms_left(now - NS_PER_S), 0,
	    "a deadline that has passed has 0 ms left");
	is_int(clock_ms_left(INT64_MAX), 2147483647,
	    "a distant deadline is capped");

	now = clock_mono_ns();
	ok(clock_ms_left(now + NS_PER_S / 2) > 0,
	    "a deadline in half a second");
	ok(clock_mono_ns() >= now, "the monotonic clock does not go back");
}

static void
test_http_date(void)
{
	static const char *const good[] = {
		"Sat, 31 Jan 2026 12:34:56 GMT",
		"Saturday, 31-Jan-26 12:34:56 GMT",
		"Sat Jan 31 12:34:56 2026",
	};
	static const char *const bad[] = {
		"",
		"yesterday",
		"2026-01-31T12:34:56Z",
		"Sat, 31 Jan 2026 12:34:56",
		"Sat, 31 Jan 2026 12:34:56 GMT and more",
		"Sat, 31 Feb 2026 12:34:56 GMT",
		"Sat, 31 Jan 2026 12:34:56 GMT                                 ",
	};
	int64_t us = 0;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ok(clock_read_http_date(str_of(good[i]), &us), "%s", good[i]);
		is_int(us, INT64_C(1769862896) * US_PER_S,
		    "... is read as that second");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!clock_read_http_date(str_of(bad[i]), &us),
		    "\"%s\" is not an HTTP date", bad[i]);
}

int
main(void)
{
	test_http_date();
	test_text();
	test_read();
	test_date();
	test_shift();
	test_deadlines();
	return tap_done();
}
