/*
 * Zones: conversions by hand, and files that are not TZif.
 */
#include "lib/os/clock.h"
#include "lib/time/zones.h"
#include "t/unit/tap.h"

static struct zones *zones;

static const struct zone *
zone_named(const char *name)
{
	const struct zone *zone = zone_utc();
	const char *problem;

	if (zones_find(zones, str_of(name), &zone, &problem) != OK)
		ok(false, "%s is a zone: %s", name, problem);
	return zone;
}

static int64_t
instant(const char *text)
{
	int64_t us;

	if (!clock_read(str_of(text), &us))
		abort();
	return us;
}

static void
test_local(void)
{
	static const struct {
		const char *zone, *utc, *local, *abbreviation;
		bool is_dst;
	} rows[] = {
		{ "UTC", "2026-11-30T12:00:00Z", "2026-11-30T12:00:00+00:00",
		    "UTC", false },
		{ "Europe/Rome", "2026-01-01T00:00:00Z",
		    "2026-01-01T01:00:00+01:00", "CET", false },
		{ "Europe/Rome", "2026-03-29T00:59:59Z",
		    "2026-03-29T01:59:59+01:00", "CET", false },
		{ "Europe/Rome", "2026-03-29T01:00:00Z",
		    "2026-03-29T03:00:00+02:00", "CEST", true },
		{ "Europe/Rome", "2199-07-01T00:00:00Z",
		    "2199-07-01T02:00:00+02:00", "CEST", true },
		{ "Europe/Rome", "9999-12-31T12:00:00Z",
		    "9999-12-31T13:00:00+01:00", "CET", false },
		{ "America/New_York", "2026-11-01T05:59:59Z",
		    "2026-11-01T01:59:59-04:00", "EDT", true },
		{ "America/New_York", "2026-11-01T06:00:00Z",
		    "2026-11-01T01:00:00-05:00", "EST", false },
		{ "Australia/Lord_Howe", "2026-10-03T15:30:00Z",
		    "2026-10-04T02:30:00+11:00", "+11", true },
		{ "Asia/Kathmandu", "2026-01-01T00:00:00Z",
		    "2026-01-01T05:45:00+05:45", "+0545", false },
		{ "Pacific/Marquesas", "2026-01-01T00:00:00Z",
		    "2025-12-31T14:30:00-09:30", "-0930", false },
		{ "Pacific/Apia", "2011-12-30T09:59:59Z",
		    "2011-12-29T23:59:59-10:00", "-10", true },
		{ "Pacific/Apia", "2011-12-30T10:00:00Z",
		    "2011-12-31T00:00:00+14:00", "+14", true },
		{ "Etc/GMT+5", "2026-01-01T00:00:00Z",
		    "2025-12-31T19:00:00-05:00", "-05", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct zone *z = zone_named(rows[i].zone);
		int64_t us = instant(rows[i].utc);
		struct local_time t;
		char text[64];
		struct buf b;

		buf_init_fixed(&b, text, sizeof(text) - 1);
		buf_local_time(&b, z, us);
		text[b.n - 1] = '\0';
		is_str(text + 1, rows[i].local, rows[i].zone);
		zone_local(z, us, &t);
		is_str(t.abbreviation, rows[i].abbreviation,
		    "... abbreviation");
		ok(t.is_dst == rows[i].is_dst, "... daylight saving time");
	}
}

static void
test_instants(void)
{
	static const struct {
		const char *zone, *local;
		enum zone_fit fit;
		const char *earlier, *later;
	} rows[] = {
		{ "UTC", "2026-03-29T02:30:00Z", ZONE_ONCE,
		    "2026-03-29T02:30:00Z", "2026-03-29T02:30:00Z" },
		{ "Europe/Rome", "2026-03-29T01:59:59Z", ZONE_ONCE,
		    "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z" },
		{ "Europe/Rome", "2026-03-29T02:00:00Z", ZONE_SKIPPED,
		    "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z" },
		{ "Europe/Rome", "2026-03-29T02:59:59Z", ZONE_SKIPPED,
		    "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z" },
		{ "Europe/Rome", "2026-03-29T03:00:00Z", ZONE_ONCE,
		    "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z" },
		{ "Europe/Rome", "2026-10-25T01:59:59Z", ZONE_ONCE,
		    "2026-10-24T23:59:59Z", "2026-10-24T23:59:59Z" },
		{ "Europe/Rome", "2026-10-25T02:00:00Z", ZONE_REPEATED,
		    "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z" },
		{ "Europe/Rome", "2026-10-25T02:59:59Z", ZONE_REPEATED,
		    "2026-10-25T00:59:59Z", "2026-10-25T01:59:59Z" },
		{ "Europe/Rome", "2026-10-25T03:00:00Z", ZONE_ONCE,
		    "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z" },
		{ "Australia/Lord_Howe", "2026-10-04T02:15:00Z", ZONE_SKIPPED,
		    "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z" },
		{ "Australia/Lord_Howe", "2026-04-05T01:45:00Z", ZONE_REPEATED,
		    "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z" },
		{ "Pacific/Apia", "2011-12-30T12:00:00Z", ZONE_SKIPPED,
		    "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z" },
		{ "Europe/Rome", "2150-03-29T02:30:00Z", ZONE_SKIPPED,
		    "2150-03-29T01:00:00Z", "2150-03-29T01:00:00Z" },
		{ "Europe/Rome", "2150-10-25T02:30:00Z", ZONE_REPEATED,
		    "2150-10-25T00:30:00Z", "2150-10-25T01:30:00Z" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct zone *z = zone_named(rows[i].zone);
		int64_t earlier = -1, later = -1;
		struct local_time t;
		enum zone_fit fit;

		/* The fields of the text are local. */
		zone_local(zone_utc(), instant(rows[i].local), &t);
		fit = zone_instants(z, &t, &earlier, &later);
		ok(fit == rows[i].fit, "%s in %s is %s", rows[i].local,
		    rows[i].zone,
		    fit == ZONE_ONCE          ? "once"
			: fit == ZONE_SKIPPED ? "skipped"
					      : "repeated");
		is_int(earlier, instant(rows[i].earlier), "... earlier");
		is_int(later, instant(rows[i].later), "... later");
	}
}

static void
test_spans(void)
{
	struct zone_span span;
	int64_t us = INT64_C(1700000000) * US_PER_S;
	int n = 0;

	zone_span(zone_utc(), us, &span);
	ok(span.begin_us == INT64_MIN && span.end_us == INT64_MAX,
	    "UTC is one span");
	for (; n < 1000; n++) {
		int64_t end = span.end_us;

		zone_span(zone_named("Europe/Rome"), us, &span);
		if (n &&
		    (span.begin_us != end || span.offset_before == span.offset))
			break;
		us = span.end_us;
	}
	is_int(n, 1000, "spans follow one another for 500 years");
}

/* --- Files ---------------------------------------------------------------- */

/* Version 2, with an empty first block: the counts and bodies differ. */
#define MAGIC      "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define N(n)       "\0\0\0" n
#define ZEROS      N("\0") N("\0") N("\0") N("\0")
#define FIRST      MAGIC ZEROS N("\1") N("\4") "\0\0\0\0\0\0XXX\0"
#define KIND       "\0\0\x0e\x10\0\0"
#define UTC_1      "CET\0"
#define ONE        MAGIC ZEROS N("\1") N("\4") KIND UTC_1
#define CHANGES(n) MAGIC N("\0") N("\0") N("\0") N(n) N("\1") N("\4")
#define AT(n)      "\0\0\0\0\0\0\0" n

static const char not_tzif[] = "It is not a TZif file of version 2 or later.";
static const char bad_counts[] = "Its counts are malformed.";
static const char bad_kinds[] = "Its kinds of time are malformed.";
static const char bad_changes[] = "Its changes are malformed.";
static const char bad_footer[] = "Its footer is malformed.";

/* clang-format off */
static const struct {
	struct str file;
	const char *problem;
	const char *what;
} files[] = {
	{ STR(FIRST ONE "\n\n"), NULL, "no rule" },
	{ STR(FIRST ONE "\nCET-1\n"), NULL, "a rule" },
	{ STR(FIRST ONE "\nCET-1CEST,M3.5.0,M10.5.0/3\n"), NULL,
		"a rule with daylight saving time" },
	{ STR(FIRST ONE "\n<+0330>-3:30<+0430>,J79/24,J263/24\n"), NULL,
		"a rule with days of the year" },
	{ STR(FIRST ONE "\nXXX3EDT4,0/0,J365/23\n"), NULL,
		"daylight saving time all year" },
	{ STR(FIRST CHANGES("\2") AT("\1") AT("\2") "\0\0" KIND UTC_1
		"\n\n"), NULL, "two changes" },
	{ STR(""), not_tzif, "an empty file" },
	{ STR("TZif"), not_tzif, "only the magic" },
	{ STR("TZiF2" FIRST ONE "\n\n"), not_tzif, "other magic" },
	{ STR(FIRST), not_tzif, "one block" },
	{ STR("TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" ZEROS N("\1")
		N("\4") "\0\0\0\0\0\0XXX\0"), not_tzif, "version 1" },
	{ STR(MAGIC "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
		not_tzif, "large counts in the first block" },
	{ STR(FIRST MAGIC N("\0") N("\0") N("\1") N("\0") N("\1")
		N("\4") KIND UTC_1 "\0\0\0\0\0\0\0\0\0\0\0\0\n\n"),
		"It counts leap seconds.", "leap seconds" },
	{ STR(FIRST MAGIC N("\0") N("\0") N("\0") "\0\1\0\0" N("\1")
		N("\4")), "It is too large.", "many changes" },
	{ STR(FIRST MAGIC ZEROS N("\xff") N("\4")), "It is too large.",
		"many kinds" },
	{ STR(FIRST MAGIC ZEROS N("\0") N("\4") UTC_1 "\n\n"),
		bad_counts, "no kind" },
	{ STR(FIRST MAGIC ZEROS N("\1") N("\0") KIND "\n\n"),
		bad_counts, "no letters" },
	{ STR(FIRST MAGIC N("\2") N("\0") N("\0") N("\0") N("\1")
		N("\4") KIND UTC_1 "\0\0\n\n"), bad_counts,
		"more marks than kinds" },
	{ STR(FIRST CHANGES("\2") AT("\2") AT("\2") "\0\0" KIND UTC_1
		"\n\n"), bad_changes, "two changes at one time" },
	{ STR(FIRST CHANGES("\1") AT("\2") "\1" KIND UTC_1 "\n\n"),
		bad_changes, "a change to a kind that is missing" },
	{ STR(FIRST CHANGES("\1") AT("\2")), bad_changes,
		"cut off in the changes" },
	{ STR(FIRST MAGIC ZEROS N("\1") N("\4") "\0\2\x0e\x10\0\0"
		UTC_1 "\n\n"), bad_kinds, "an offset of 37 hours" },
	{ STR(FIRST MAGIC ZEROS N("\1") N("\4") "\0\0\x0e\x10\2\0"
		UTC_1 "\n\n"), bad_kinds, "is_dst of 2" },
	{ STR(FIRST MAGIC ZEROS N("\1") N("\4") "\0\0\x0e\x10\0\4"
		UTC_1 "\n\n"), bad_kinds, "no such letters" },
	{ STR(FIRST MAGIC ZEROS N("\1") N("\4") KIND "CETX\n\n"),
		bad_kinds, "letters without an end" },
	{ STR(FIRST MAGIC ZEROS N("\1") N("\4") KIND "C\1T\0\n\n"),
		bad_kinds, "a control character in the letters" },
	{ STR(FIRST ONE), bad_footer, "no footer" },
	{ STR(FIRST ONE "\n"), bad_footer, "half a footer" },
	{ STR(FIRST ONE "\nCET-1"), bad_footer, "a footer cut off" },
	{ STR(FIRST ONE "\nCE-1\n"), bad_footer, "two letters" },
	{ STR(FIRST ONE "\nCET\n"), bad_footer, "no offset" },
	{ STR(FIRST ONE "\nCET-25\n"), bad_footer, "an offset of 25" },
	{ STR(FIRST ONE "\nCET-1:60\n"), bad_footer, "minute 60" },
	{ STR(FIRST ONE "\nCET-1CEST\n"), bad_footer, "no dates" },
	{ STR(FIRST ONE "\nCET-1CEST,M3.5.0\n"), bad_footer,
		"one date" },
	{ STR(FIRST ONE "\nCET-1CEST,M13.5.0,M10.5.0\n"), bad_footer,
		"month 13" },
	{ STR(FIRST ONE "\nCET-1CEST,M3.6.0,M10.5.0\n"), bad_footer,
		"week 6" },
	{ STR(FIRST ONE "\nCET-1CEST,M3.5.7,M10.5.0\n"), bad_footer,
		"weekday 7" },
	{ STR(FIRST ONE "\nCET-1CEST,J0,J365\n"), bad_footer, "J0" },
	{ STR(FIRST ONE "\nCET-1CEST,366,0\n"), bad_footer,
		"day 366" },
	{ STR(FIRST ONE "\nCET-1CEST,M3.5.0/168,M10.5.0\n"),
		bad_footer, "hour 168" },
	{ STR(FIRST ONE "\nCET-1CEST,M3.5.0,M10.5.0 \n"), bad_footer,
		"text after the rule" },
	{ STR(FIRST ONE "\n<CET-1\n"), bad_footer, "an open bracket" },
};
/* clang-format on */

static void
test_files(void)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *problem = "none";
		struct zone *z = zone_new(files[i].file, &problem);

		if (files[i].problem)
			is_str(z ? "it is read" : problem, files[i].problem,
			    files[i].what);
		else
			ok(z && !problem, "%s is read", files[i].what);
		zone_free(z);
	}
}

/* The days of a rule, worked out with a calendar. */
static void
test_rules(void)
{
	static const struct {
		struct str file;
		const char *utc;
		int offset;
	} rows[] = {
		{ STR(FIRST ONE "\nXXX3EDT4,0/0,J365/23\n"),
		    "2026-07-01T00:00:00Z", -4 },
		{ STR(FIRST ONE "\nXXX3EDT4,0/0,J365/23\n"),
		    "2027-01-01T02:59:59Z", -4 },
		{ STR(FIRST ONE "\nXXX0YYY,J60/0,J61/0\n"),
		    "2028-03-01T00:00:00Z", 1 },
		{ STR(FIRST ONE "\nXXX0YYY,J60/0,J61/0\n"),
		    "2028-02-29T23:59:59Z", 0 },
		{ STR(FIRST ONE "\nXXX0YYY,59/0,60/0\n"),
		    "2028-02-29T00:00:00Z", 1 },
		{ STR(FIRST ONE "\nXXX0YYY,59/0,60/0\n"),
		    "2027-03-01T00:00:00Z", 1 },
		{ STR(FIRST ONE "\nXXX0YYY,M3.4.4/50,M10.4.4/50\n"),
		    "2026-03-28T02:00:00Z", 1 },
		{ STR(FIRST ONE "\nXXX0YYY,M3.4.4/50,M10.4.4/50\n"),
		    "2026-03-28T01:59:59Z", 0 },
		{ STR(FIRST ONE "\nXXX0YYY,M3.5.0/-1,M10.5.0/0\n"),
		    "2026-03-28T23:00:00Z", 1 },
		{ STR(FIRST ONE "\nXXX0YYY,M10.1.0,M4.1.0\n"),
		    "2026-01-01T00:00:00Z", 1 },
		{ STR(FIRST ONE "\nXXX0YYY,M10.1.0,M4.1.0\n"),
		    "2026-07-01T00:00:00Z", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *problem;
		struct zone *z = zone_new(rows[i].file, &problem);
		struct zone_span span = { .offset = -1 };

		if (z)
			zone_span(z, instant(rows[i].utc), &span);
		is_int(span.offset, rows[i].offset * 3600, rows[i].utc);
		zone_free(z);
	}
}

int
main(void)
{
	zones = zones_new(NULL);
	if (!zones)
		return EXIT_FAILURE;
	test_local();
	test_instants();
	test_spans();
	test_files();
	test_rules();
	zones_free(zones);
	return tap_done();
}
