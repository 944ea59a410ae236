/*
 * Fuzzing schedules: a refused text gets a sentence, and an accepted one has a
 * next time that matches its fields, and words.
 */
#include "lib/time/schedule.h"
#include "lib/time/zones.h"
#include "t/fuzz/fuzz.h"

/* A Thursday in 2026, before a change of the clock in Rome. */
#define START (INT64_C(1774483199) * US_PER_S)

static bool
is_sentence(const char *problem)
{
	size_t n = strnlen(problem, SCHEDULE_PROBLEM);

	for (size_t i = 0; i < n; i++)
		if (problem[i] < ' ' || problem[i] > '~')
			return false;
	return n > 10 && n < SCHEDULE_PROBLEM && problem[n - 1] == '.';
}

static bool
is_in_bounds(const struct schedule *s)
{
	return s->minutes && s->minutes >> 60 == 0 && s->hours &&
	    s->hours >> 24 == 0 && s->days && !(s->days & 1) && s->months &&
	    s->months >> 13 == 0 && !(s->months & 1) && s->weekdays &&
	    s->weekdays >> 7 == 0;
}

static bool
matches(const struct schedule *s, const struct zone *z, int64_t us)
{
	struct local_time t;
	bool day, weekday;

	zone_local(z, us, &t);
	day = s->days >> t.day & 1;
	weekday = s->weekdays >> t.weekday & 1;
	return s->minutes >> t.minute & 1 && s->hours >> t.hour & 1 &&
	    s->months >> t.month & 1 && t.second == 0 &&
	    (s->needs_both_days ? day && weekday : day || weekday);
}

/* Some times in UTC, where each must match. */
static bool
comes(const struct schedule *s)
{
	const struct zone *z = zone_utc();
	struct schedule_due due;
	int64_t us = START;

	for (int i = 0; i < 5; i++) {
		int64_t before = us;

		if (!schedule_next(s, z, us, &us) || us <= before ||
		    !matches(s, z, us))
			return false;
	}
	schedule_due(s, z, START, us, 5, &due);
	if (due.count != 5 || due.has_more || due.last_us != us)
		return false;
	schedule_due(s, z, START, us, 2, &due);
	return due.count == 2 && due.has_more && due.last_us == us;
}

/* Where clocks change, a time may not match, and may never come. */
static bool
moves_on(const struct schedule *s)
{
	static struct zones *zones;
	const char *problem;
	const struct zone *z;
	int64_t us = START, before = us;

	if (!zones)
		zones = zones_new(NULL);
	if (!zones || zones_find(zones, STR("Europe/Rome"), &z, &problem) != OK)
		return true;
	for (int i = 0; i < 10 && schedule_next(s, z, us, &us); i++) {
		if (us <= before)
			return false;
		before = us;
	}
	return true;
}

static bool
fuzz_holds(struct str text)
{
	char problem[SCHEDULE_PROBLEM] = "", words[SCHEDULE_TEXT];
	struct schedule s;
	struct buf b;

	if (!schedule_parse(text, &s, problem))
		return is_sentence(problem);
	buf_init_fixed(&b, words, sizeof(words));
	buf_schedule(&b, &s);
	return text.n <= SCHEDULE_MAX && is_in_bounds(&s) && !b.failed &&
	    b.n > 0 && comes(&s) && moves_on(&s);
}

#ifndef FUZZ_ENGINE

static void
fuzz_make(struct fuzz *f)
{
	static const char *const pieces[] = { "*", "*", "*/", "0", "5", "7",
		"12", "29", "30", "31", "59", "60", "-", ",", "/", "JAN", "feb",
		"SUN", "mon", "L", "W", "#", "?", "@daily", "@", "\t", "~",
		"99999999999999999999", "\xC3\xA9" };
	static const char *const fields[] = { "*", "0", "*/2", "1-5", "1,15",
		"30", "2", "*/7", "10-12/2", "FEB", "SAT", "29", "4,6,9" };

	for (size_t i = fuzz_below(f, 8); i; i--) {
		buf_puts(&f->text,
		    fuzz_below(f, 4) ? FUZZ_PICK(f, fields)
				     : FUZZ_PICK(f, pieces));
		if (fuzz_below(f, 5))
			buf_putc(&f->text, ' ');
	}
	if (fuzz_below(f, 2))
		return;
	f->text.n = 0;
	for (size_t i = 0; i < 5; i++) {
		buf_puts(&f->text, FUZZ_PICK(f, fields));
		buf_putc(&f->text, ' ');
	}
}

#endif
