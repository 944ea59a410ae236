/*
 * Decisions: times that are on time, late or missed, runs that overlap, clocks
 * that jump, and heartbeats.
 */
#include "fcgi/cron/decide.h"
#include "t/unit/tap.h"

#include "lib/os/clock.h"
#include "lib/time/zones.h"

#define MINUTE    (60 * US_PER_S)
#define HOUR      (60 * MINUTE)
#define TOLERANCE MINUTE

static struct schedule schedule;
static struct decide_job job;
static struct decisions made;

static int64_t
at(const char *text)
{
	int64_t us = 0;

	if (!clock_read(str_of(text), &us))
		printf("# not a time: %s\n", text);
	return us;
}

/* A job in UTC whose times up to one are decided. */
static void
set_job(const char *fields, const char *decided)
{
	char problem[SCHEDULE_PROBLEM];

	if (!schedule_parse(str_of(fields), &schedule, problem))
		printf("# %s\n", problem);
	job = (struct decide_job){
		.schedule = &schedule,
		.zone = zone_utc(),
		.catch_up = CATCH_UP_ONE,
		.decided_us = at(decided),
	};
}

/* One word for each row: when, and what became of it. */
static const char *
decisions_at(const char *now)
{
	static char text[16384];
	struct buf b;

	decide(&job, at(now), TOLERANCE, &made);
	buf_init_fixed(&b, text, sizeof(text) - 1);
	for (size_t i = 0; i < made.n; i++) {
		const struct decision *d = &made.rows[i];
		char when[CLOCK_TEXT];

		clock_text(d->due_us, when);
		buf_printf(&b, "%s%.5s %s", i ? ", " : "", when + 11,
		    cron_statuses[d->status]);
		if (d->status == RUN_MISSED && d->missed != 1)
			buf_printf(&b, " %lld", (long long)d->missed);
		if (d->status == RUN_QUEUED && d->trigger != TRIGGER_SCHEDULE)
			buf_printf(&b, " %s", cron_triggers[d->trigger]);
		buf_puts(&b, d->waits ? " waits" : "");
	}
	buf_putc(&b, '\0');
	return text;
}

/* Decides what came later, as after the last decision. */
static void
go_on(void)
{
	job.decided_us = made.decided_us;
}

static void
is_next(const char *want, const char *what)
{
	char text[CLOCK_TEXT] = "never";

	if (made.next_us.is)
		clock_text(made.next_us.v, text);
	text[19] = made.next_us.is ? '\0' : text[19];
	is_str(text, want, what);
}

static void
test_on_time(void)
{
	set_job("*/5 * * * *", "2026-03-10T11:58:00Z");
	is_str(decisions_at("2026-03-10T11:59:59Z"), "", "nothing is due");
	is_next("2026-03-10T12:00:00", "... and the next time stays");
	go_on();
	is_str(decisions_at("2026-03-10T12:00:01Z"), "12:00 queued", "on time");
	is_next("2026-03-10T12:05:00", "... and the next time follows");
	go_on();
	is_str(decisions_at("2026-03-10T12:00:02Z"), "",
	    "... and it is decided");
	set_job("0 12 * * *", "2026-03-10T11:00:00Z");
	is_str(decisions_at("2026-03-10T12:01:00Z"), "12:00 queued",
	    "late by the whole tolerance is on time");
	set_job("0 12 * * *", "2026-03-10T11:00:00Z");
	is_str(decisions_at("2026-03-10T12:01:01Z"), "12:00 queued catch_up",
	    "a second more is late");
}

static void
test_catch_up(void)
{
	static const char *const decided = "2026-03-10T08:30:00Z";

	set_job("0 * * * *", decided);
	job.catch_up = CATCH_UP_NONE;
	is_str(decisions_at("2026-03-10T11:30:00Z"),
	    "09:00 missed, 10:00 missed, 11:00 missed", "none catches up");
	is_next("2026-03-10T12:00:00", "... and the schedule goes on");
	set_job("0 * * * *", decided);
	is_str(decisions_at("2026-03-10T11:30:00Z"),
	    "09:00 missed, 10:00 missed, 11:00 queued catch_up",
	    "one: the last one runs late");
	set_job("0 * * * *", decided);
	is_str(decisions_at("2026-03-10T11:00:30Z"),
	    "09:00 missed, 10:00 missed, 11:00 queued",
	    "... unless another one is on time");
	set_job("0 * * * *", decided);
	job.catch_up = CATCH_UP_ALL;
	is_str(decisions_at("2026-03-10T11:30:00Z"),
	    "09:00 queued catch_up, 10:00 queued catch_up waits,"
	    " 11:00 queued catch_up waits",
	    "all: one after another");
	set_job("0 * * * *", decided);
	job.catch_up = CATCH_UP_ALL;
	is_str(decisions_at("2026-03-10T11:00:30Z"),
	    "09:00 queued catch_up, 10:00 queued catch_up waits,"
	    " 11:00 queued waits",
	    "... also one that is on time");
	set_job("0 * * * *", decided);
	job.catch_up = CATCH_UP_ALL;
	job.overlap = OVERLAP_PARALLEL;
	is_str(decisions_at("2026-03-10T11:00:30Z"),
	    "09:00 queued catch_up, 10:00 queued catch_up, 11:00 queued",
	    "... or at once, if they may overlap");
}

static void
test_overlap(void)
{
	set_job("* * * * *", "2026-03-10T11:59:30Z");
	job.active = 1;
	is_str(decisions_at("2026-03-10T12:00:01Z"), "12:00 skipped",
	    "skip: a run that has not ended is in the way");
	job.overlap = OVERLAP_PARALLEL;
	is_str(decisions_at("2026-03-10T12:00:01Z"), "12:00 queued",
	    "parallel: it is not");
	job.overlap = OVERLAP_QUEUE;
	is_str(decisions_at("2026-03-10T12:00:01Z"), "12:00 queued waits",
	    "queue: the run waits for it");
	job.active = DECIDE_ACTIVE;
	is_str(decisions_at("2026-03-10T12:00:01Z"), "12:00 skipped",
	    "... unless too many have not ended");
	job.overlap = OVERLAP_PARALLEL;
	is_str(decisions_at("2026-03-10T12:00:01Z"), "12:00 skipped",
	    "... also of a job whose runs may overlap");
	job.active = 0;
	job.is_suspended = true;
	is_str(decisions_at("2026-03-10T12:00:01Z"), "12:00 skipped",
	    "a suspended account runs nothing");
}

static int64_t
count(enum cron_status status)
{
	int64_t n = 0;

	for (size_t i = 0; i < made.n; i++)
		if (made.rows[i].status == status)
			n += status == RUN_MISSED ? made.rows[i].missed : 1;
	return n;
}

static void
test_long_downtime(void)
{
	set_job("* * * * *", "2026-03-01T00:00:00Z");
	decisions_at("2026-03-11T00:00:00Z");
	ok(made.n == DECIDE_LISTED + 1, "a long downtime has few rows");
	ok(made.rows[0].missed == 14400 - DECIDE_LISTED,
	    "... of which the first counts the earlier times");
	ok(made.rows[0].due_us == at("2026-03-01T00:01:00Z"),
	    "... from the first of them");
	ok(count(RUN_MISSED) + count(RUN_QUEUED) + count(RUN_SKIPPED) == 14400,
	    "... and all times are accounted for");
	set_job("* * * * *", "2026-03-01T00:00:00Z");
	job.catch_up = CATCH_UP_ALL;
	decisions_at("2026-03-11T00:00:00Z");
	ok(count(RUN_QUEUED) <= DECIDE_LISTED, "all runs so many at most");
	ok(count(RUN_QUEUED) + count(RUN_MISSED) + count(RUN_SKIPPED) == 14400,
	    "... and the others are missed");
	set_job("0 0 29 2 *", "2000-03-01T00:00:00Z");
	is_str(decisions_at("2026-03-11T00:00:00Z"),
	    "00:00 missed, 00:00 missed, 00:00 missed, 00:00 missed,"
	    " 00:00 missed, 00:00 queued catch_up",
	    "a rare schedule over a quarter of a century");
}

/* The same hour twice, and an hour that did not happen. */
static void
test_clock_jumps(void)
{
	set_job("*/10 * * * *", "2026-03-10T11:55:00Z");
	is_str(decisions_at("2026-03-10T12:00:01Z"), "12:00 queued", "a run");
	go_on();
	is_str(decisions_at("2026-03-10T11:00:01Z"), "",
	    "a clock set back by an hour repeats nothing");
	is_next("2026-03-10T12:10:00", "... and waits for the next time");
	go_on();
	is_str(decisions_at("2026-03-10T11:50:00Z"), "", "... all the hour");
	go_on();
	is_str(decisions_at("2026-03-10T12:10:00Z"), "12:10 queued",
	    "... which runs once");
	go_on();
	is_str(decisions_at("2026-03-10T13:10:01Z"),
	    "12:20 missed, 12:30 missed, 12:40 missed, 12:50 missed,"
	    " 13:00 missed, 13:10 queued",
	    "a clock set forward by an hour is a downtime");
	go_on();
	is_str(decisions_at("2026-03-10T02:00:05Z"), "",
	    "a clock set back by half a day starts anew");
	is_next("2026-03-10T02:10:00", "... with the next time");
}

static void
test_heartbeats(void)
{
	set_job("0 2 * * *", "2026-03-10T02:00:00Z");
	job.is_heartbeat = true;
	job.grace_us = HOUR;
	job.beat_us = (struct opt_int64){ true, at("2026-03-10T02:30:00Z") };
	is_str(decisions_at("2026-03-11T02:30:00Z"), "", "within the grace");
	is_next("2026-03-11T03:00:00", "... at whose end it is decided");
	is_str(decisions_at("2026-03-11T03:00:01Z"), "02:00 missed",
	    "a heartbeat for the day before does not count");
	is_next("2026-03-12T03:00:00", "... and the next day follows");
	job.beat_us.v = at("2026-03-11T02:59:00Z");
	is_str(decisions_at("2026-03-11T03:00:01Z"), "",
	    "one within the grace does");
	job.beat_us.v = at("2026-03-11T01:10:00Z");
	is_str(decisions_at("2026-03-11T03:00:01Z"), "",
	    "... or before the time");
	job.beat_us.v = at("2026-03-11T03:00:00.5Z");
	is_str(decisions_at("2026-03-11T03:00:01Z"), "02:00 missed",
	    "one after the grace is too late");
	job.beat_us.is = false;
	is_str(decisions_at("2026-03-14T03:00:01Z"),
	    "02:00 missed, 02:00 missed, 02:00 missed, 02:00 missed",
	    "each missing one is a row");
	ok(strstr(made.rows[0].error, "not running"),
	    "... and says if io7 could not have heard it");
	ok(!strstr(made.rows[3].error, "not running"), "... or could");
	set_job("* * * * *", "2026-03-10T12:00:10Z");
	job.is_heartbeat = true;
	job.grace_us = 5 * MINUTE;
	job.beat_us = (struct opt_int64){ true, at("2026-03-10T12:01:30Z") };
	is_str(decisions_at("2026-03-10T12:06:00Z"), "",
	    "a grace that is longer than the period");
	go_on();
	is_str(decisions_at("2026-03-10T12:07:00Z"), "12:02 missed",
	    "... has each time decided by itself");
	set_job("*/5 * * * *", "2026-03-10T11:59:10Z");
	job.is_heartbeat = true;
	job.grace_us = 5 * MINUTE;
	job.heard_us = (struct opt_int64){ true, at("2026-03-10T12:00:00.3Z") };
	job.beat_us = (struct opt_int64){ true, at("2026-03-10T12:05:00.3Z") };
	is_str(decisions_at("2026-03-10T12:05:00.8Z"), "",
	    "the next heartbeat comes just before the last one is looked for");
}

/* A job that was created or changed waits for no earlier time. */
static void
test_first_heartbeat(void)
{
	set_job("* * * * *", "2026-03-10T12:00:10Z");
	job.is_heartbeat = true;
	job.grace_us = MINUTE / 2;
	job.beat_us = (struct opt_int64){ true, at("2026-03-10T12:00:11Z") };
	is_str(decisions_at("2026-03-10T12:01:31Z"), "",
	    "a heartbeat right after the creation counts for the first time");
	go_on();
	is_str(decisions_at("2026-03-10T12:02:31Z"), "12:02 missed",
	    "... and for no other");
	job.decided_us = at("2026-03-10T12:00:10Z");
	job.beat_us.v = at("2026-03-10T12:00:09Z");
	is_str(decisions_at("2026-03-10T12:01:31Z"), "12:01 missed",
	    "one before the creation does not");
	job.decided_us = at("2026-03-10T12:00:00Z");
	job.beat_us.v = at("2026-03-10T12:00:11Z");
	is_str(decisions_at("2026-03-10T12:01:31Z"), "12:01 missed",
	    "... nor one in the grace of the time before");
}

/* Rome skips 02:00 to 03:00 on March 29, and repeats it on October 25. */
static void
test_daylight_saving(void)
{
	struct zones *zones = zones_new(NULL);
	const struct zone *rome;
	const char *problem = NULL;

	if (!zones ||
	    zones_find(zones, STR("Europe/Rome"), &rome, &problem) != OK) {
		ok(false, "the time zone Europe/Rome is there");
		return;
	}
	set_job("30 2 * * *", "2026-03-28T12:00:00Z");
	job.zone = rome;
	is_str(decisions_at("2026-03-29T01:00:01Z"), "01:00 queued",
	    "a time in the skipped hour runs right after it");
	go_on();
	is_next("2026-03-30T00:30:00", "... and the next day at its time");
	set_job("30 2 * * *", "2026-10-24T12:00:00Z");
	job.zone = rome;
	is_str(decisions_at("2026-10-25T00:30:01Z"), "00:30 queued",
	    "a time in the repeated hour runs");
	go_on();
	is_str(decisions_at("2026-10-25T01:30:01Z"), "", "... once");
	is_next("2026-10-26T01:30:00", "... and the next day at its time");
	set_job("*/30 * * * *", "2026-10-25T00:00:00Z");
	job.zone = rome;
	is_str(decisions_at("2026-10-25T00:30:01Z"), "00:30 queued",
	    "a job without a fixed time runs");
	go_on();
	is_str(decisions_at("2026-10-25T01:30:01Z"),
	    "01:00 missed, 01:30 queued", "... also in the hour that repeats");
	zones_free(zones);
}

int
main(void)
{
	test_on_time();
	test_catch_up();
	test_overlap();
	test_long_downtime();
	test_clock_jumps();
	test_heartbeats();
	test_first_heartbeat();
	test_daylight_saving();
	return tap_done();
}
