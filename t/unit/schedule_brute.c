/*
 * Random schedules, each minute of ten years: schedule_next() agrees with the
 * loop of cronie's daemon, which looks at each job in each minute and keeps the
 * clock's changes apart. Local time comes from glibc.
 *
 *     schedule_brute [ROUNDS [SEED]]
 */
#include "lib/os/clock.h"
#include "lib/time/schedule.h"
#include "lib/time/zones.h"
#include "t/unit/tap.h"

#include <inttypes.h>
#include <time.h>

enum {
	JOBS = 8,
	YEARS = 10,
	MINUTES_A_YEAR = 365 * 24 * 60,
	/* A change of the clock of three hours or more is none of summer. */
	LARGE = 3 * 60,
};

/* One schedule, as text and as sets that the parser has no part in. */
struct job {
	char text[SCHEDULE_MAX];
	bool minutes[60], hours[24], days[32], months[13], weekdays[7];
	bool is_wild, needs_both;
	struct schedule schedule;
	int64_t next_us;
	bool has_next, is_wrong;
};

static uint64_t state;

/* Splitmix64, as in t/fuzz. */
static int
below(int n)
{
	uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (int)((z ^ z >> 31) % (uint64_t)n);
}

/* One item of a list, of numbers up to `top`; true if it is a "*". */
static bool
make_item(struct buf *b, bool *set, int min, int max, int top)
{
	int from = min + below(top - min + 1), to = from, step = 1;
	bool is_star = below(3) == 0;

	if (is_star) {
		from = min;
		to = max;
		buf_putc(b, '*');
	} else {
		buf_int(b, from);
		if (below(2)) {
			to = from + below(top - from + 1);
			buf_printf(b, "-%d", to);
		}
	}
	if ((is_star || to > from) && below(2)) {
		step = 1 + below(max - min + 1);
		buf_printf(b, "/%d", step);
	}
	for (int i = from; i <= to; i += step)
		set[i] = true;
	return is_star;
}

/* True if the field begins with "*". */
static bool
make_field(struct buf *b, bool *set, int min, int max, int top)
{
	bool is_star;

	if (max == top && max < 59 && below(2)) {
		buf_puts(b, "* ");
		for (int i = min; i <= max; i++)
			set[i] = true;
		return true;
	}
	is_star = make_item(b, set, min, max, top);
	for (int more = below(3); more; more--) {
		buf_putc(b, ',');
		(void)make_item(b, set, min, max, top);
	}
	buf_putc(b, ' ');
	return is_star;
}

static bool
has_a_day(const struct job *j)
{
	static const int longest[] = { 0, 31, 29, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };

	for (int month = 1; month <= 12; month++)
		for (int day = 1; day <= longest[month]; day++)
			if (j->months[month] && j->days[day])
				return true;
	return !j->needs_both;
}

/* Most clocks change at an hour from 0 to 3, so many schedules use those. */
static bool
make_job(struct job *j)
{
	char problem[SCHEDULE_PROBLEM] = "";
	bool has_day_star, has_weekday_star;
	struct buf b;

	*j = (struct job){ 0 };
	buf_init_fixed(&b, j->text, sizeof(j->text) - 1);
	j->is_wild = make_field(&b, j->minutes, 0, 59, 59);
	j->is_wild |= make_field(&b, j->hours, 0, 23, below(2) ? 3 : 23);
	has_day_star = make_field(&b, j->days, 1, 31, 31);
	(void)make_field(&b, j->months, 1, 12, 12);
	has_weekday_star = make_field(&b, j->weekdays, 0, 6, 6);
	j->needs_both = has_day_star || has_weekday_star;
	return schedule_parse(buf_view(&b), &j->schedule, problem) ==
	    has_a_day(j);
}

/* The calendar fields match. */
static bool
matches(const struct job *j, const struct tm *t)
{
	bool day = j->days[t->tm_mday], weekday = j->weekdays[t->tm_wday];

	return j->minutes[t->tm_min] && j->hours[t->tm_hour] &&
	    j->months[t->tm_mon + 1] &&
	    (j->needs_both ? day && weekday : day || weekday);
}

/* What the daemon does in one minute. */
struct tick {
	/* The local time, and the fixed times that the clock has skipped. */
	struct tm now, skipped[LARGE];
	int n;
	bool runs_fixed;
};

/* `virtual` is the local minute up to which fixed-time jobs have run. */
static void
tick(struct tick *t, int64_t second, int64_t *virtual)
{
	time_t seconds = (time_t)second;
	int64_t local, ahead;

	localtime_r(&seconds, &t->now);
	local = (second + t->now.tm_gmtoff) / 60;
	ahead = local - *virtual;
	t->n = 0;
	t->runs_fixed = ahead > 0 || ahead < 2 - LARGE;
	if (ahead > 1 && ahead <= LARGE) {
		for (int64_t m = *virtual + 1; m < local; m++) {
			seconds = (time_t)(m * 60);
			gmtime_r(&seconds, &t->skipped[t->n++]);
		}
	}
	if (t->runs_fixed)
		*virtual = local;
}

static bool
runs(const struct job *j, const struct tick *t)
{
	if (j->is_wild)
		return matches(j, &t->now);
	for (int i = 0; i < t->n; i++)
		if (matches(j, &t->skipped[i]))
			return true;
	return t->runs_fixed && matches(j, &t->now);
}

static void
check(struct job *j, const struct tick *t, const struct zone *z, int64_t us)
{
	bool is_due = j->has_next && j->next_us == us;
	char expected[CLOCK_TEXT] = "never", now[CLOCK_TEXT];

	if (is_due == runs(j, t) && !(j->has_next && j->next_us < us)) {
		if (is_due)
			j->has_next =
			    schedule_next(&j->schedule, z, us, &j->next_us);
		return;
	}
	clock_text(us, now);
	if (j->has_next)
		clock_text(j->next_us, expected);
	printf("# \"%s\" %s at %s, schedule_next() gave %s\n", j->text,
	    is_due ? "does not run" : "runs", now, expected);
	j->is_wrong = true;
}

static int
count_wrong(struct job *jobs, const struct zone *zone, int64_t second)
{
	int64_t virtual;
	struct tick t;
	int wrong = 0;

	tick(&t, second - 60, &(int64_t){ 0 });
	virtual = (second - 60 + t.now.tm_gmtoff) / 60;
	for (int i = 0; i < JOBS; i++)
		jobs[i].has_next = schedule_next(&jobs[i].schedule, zone,
		    (second - 60) * US_PER_S, &jobs[i].next_us);
	for (int m = 0; m < YEARS * MINUTES_A_YEAR; m++, second += 60) {
		tick(&t, second, &virtual);
		for (int i = 0; i < JOBS; i++)
			if (!jobs[i].is_wrong)
				check(&jobs[i], &t, zone, second * US_PER_S);
	}
	for (int i = 0; i < JOBS; i++)
		wrong += jobs[i].is_wrong;
	return wrong;
}

/* Changes of half an hour, of two and three hours, of a day, at midnight. */
static const char *const names[] = { "Europe/Rome", "America/New_York",
	"Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca",
	"Asia/Gaza", "Pacific/Apia", "Antarctica/Troll", "Antarctica/Casey",
	"America/Nuuk", "Europe/Dublin", "Asia/Kathmandu", "Pacific/Chatham",
	"America/Scoresbysund", "America/Havana", "Asia/Tehran",
	"America/Caracas", "Europe/Istanbul", "Pacific/Kiritimati", "UTC" };

static void
test_round(struct zones *zones, int round)
{
	static struct job jobs[JOBS];
	const char *name = names[(size_t)below(ARRAY_LEN(names))], *problem;
	int year = 1975 + below(220);
	int64_t second = INT64_C(86400) * 365 * (year - 1970);
	const struct zone *zone;

	for (int i = 0; i < JOBS; i++)
		do
			if (!make_job(&jobs[i])) {
				ok(false, "\"%s\" is parsed", jobs[i].text);
				return;
			}
		while (!has_a_day(&jobs[i]));
	setenv("TZ", name, 1);
	tzset();
	if (zones_find(zones, str_of(name), &zone, &problem) != OK)
		ok(false, "%s is a zone: %s", name, problem);
	else
		is_int(count_wrong(jobs, zone, second - second % 60), 0, name);
	printf("# round %d: ten years from %d\n", round, year);
}

int
main(int argc, char **argv)
{
	struct zones *zones = zones_new(NULL);
	intmax_t rounds = getenv("IO7_SLOW") ? 200 : 3;

	if (argc > 1)
		rounds = strtoimax(argv[1], NULL, 10);
	state = argc > 2 ? strtoumax(argv[2], NULL, 10) : 1;
	for (int i = 0; zones && i < rounds; i++)
		test_round(zones, i);
	zones_free(zones);
	return tap_done();
}
