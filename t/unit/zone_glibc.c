/*
 * All zones of the machine: random instants give the same local time as glibc,
 * and come back from it.
 *
 *     zone_glibc [INSTANTS [SEED]]
 */
#include "lib/time/zones.h"
#include "t/unit/tap.h"

#include <ftw.h>
#include <inttypes.h>
#include <time.h>

#define FOLDER "/usr/share/zoneinfo/"

enum { YEAR_S = 31556952, FIRST_YEAR = 1900, LAST_YEAR = 2500 };

static uint64_t state = 1;
static intmax_t instants = 100;
static struct zones *zones;
static int n_zones, n_wrong;

static int64_t
random_instant(void)
{
	uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (int64_t)((z ^ z >> 31) %
		   ((LAST_YEAR - FIRST_YEAR) * (uint64_t)YEAR_S)) +
	    (FIRST_YEAR - 1970) * (int64_t)YEAR_S;
}

/* glibc has the same local time. */
static bool
is_same(const struct zone *z, int64_t second)
{
	time_t seconds = (time_t)second;
	struct local_time t;
	struct tm tm;

	localtime_r(&seconds, &tm);
	zone_local(z, second * US_PER_S, &t);
	return t.year == tm.tm_year + 1900 && t.month == tm.tm_mon + 1 &&
	    t.day == tm.tm_mday && t.hour == tm.tm_hour &&
	    t.minute == tm.tm_min && t.second == tm.tm_sec &&
	    t.weekday == tm.tm_wday && t.offset == tm.tm_gmtoff &&
	    t.is_dst == (tm.tm_isdst > 0) &&
	    strcmp(t.abbreviation, tm.tm_zone) == 0;
}

/* One of the instants of the local time is the one that it was made of. */
static bool
comes_back(const struct zone *z, int64_t second)
{
	int64_t earlier, later, us = second * US_PER_S;
	struct local_time t;
	enum zone_fit fit;

	zone_local(z, us, &t);
	fit = zone_instants(z, &t, &earlier, &later);
	if (fit == ZONE_ONCE)
		return earlier == us && later == us;
	return fit == ZONE_REPEATED && earlier < later &&
	    (earlier == us || later == us);
}

static void
check(const char *name, const struct zone *z, int64_t second)
{
	struct zone_span span;
	int64_t at[3];

	zone_span(z, second * US_PER_S, &span);
	at[0] = second;
	/* Around the changes both sides matter. */
	at[1] = span.begin_us / US_PER_S;
	at[2] = span.end_us / US_PER_S;
	for (int i = 0; i < 3; i++) {
		if (at[i] < -2 * INT64_C(2208988800) ||
		    at[i] > INT64_C(1) << 40)
			continue;
		for (int64_t s = at[i] - 1; s <= at[i]; s++) {
			if (is_same(z, s) && comes_back(z, s))
				continue;
			printf("# %s: %" PRId64 "\n", name, s);
			n_wrong++;
		}
	}
}

static int
visit(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	const char *name = path + strlen(FOLDER), *problem;
	const struct zone *z;
	char magic[4] = "";
	FILE *file;

	(void)st;
	(void)ftw;
	if (kind != FTW_F || strncmp(name, "right/", 6) == 0 ||
	    strncmp(name, "posix/", 6) == 0 || strcmp(name, "localtime") == 0 ||
	    strcmp(name, "posixrules") == 0)
		return 0;
	file = fopen(path, "r");
	if (file) {
		if (fread(magic, 1, 4, file) < 4)
			magic[0] = '\0';
		fclose(file);
	}
	if (memcmp(magic, "TZif", 4) != 0)
		return 0;
	if (zones_find(zones, str_of(name), &z, &problem) != OK) {
		ok(false, "%s is a zone: %s", name, problem);
		return 0;
	}
	n_zones++;
	setenv("TZ", name, 1);
	tzset();
	for (intmax_t i = 0; i < instants; i++)
		check(name, z, random_instant());
	return 0;
}

int
main(int argc, char **argv)
{
	zones = zones_new(NULL);
	if (!zones)
		return EXIT_FAILURE;
	if (getenv("IO7_SLOW"))
		instants = 10000;
	if (argc > 1)
		instants = strtoimax(argv[1], NULL, 10);
	if (argc > 2)
		state = strtoumax(argv[2], NULL, 10);
	nftw(FOLDER, visit, 16, 0);
	ok(n_zones > 300, "%d zones are read", n_zones);
	is_int(n_wrong, 0, "their local times are those of glibc");
	zones_free(zones);
	return tap_done();
}
