/*
 * The queue by kind: items in each state, which the janitor counts every few
 * seconds, and attempts, which the runners count.
 */
#include "fcgi/health/work.h"

#include "fcgi/work/kinds.h"
#include "lib/json/member.h"

typedef unsigned long long ull;

static double
seconds(const scoreboard_counter *micros)
{
	return (double)scoreboard_get(micros) / (double)US_PER_S;
}

static void
seconds_json(struct buf *b, const char *name, const scoreboard_counter *micros)
{
	member(b, name);
	buf_printf(b, "%.3f", seconds(micros));
}

static void
count_json(struct buf *b, const char *name, const scoreboard_counter *n)
{
	member_int(b, name, (int64_t)scoreboard_get(n));
}

static void
kind_json(struct buf *b, const struct scoreboard *s, size_t kind)
{
	const struct scoreboard_depth *depth = &s->head->depths[kind];
	struct scoreboard_work work = scoreboard_work_of(s, kind);

	buf_putc(b, '{');
	member_text(b, "kind", str_of(kind_at(kind)->name));
	count_json(b, "waiting", &depth->waiting);
	count_json(b, "ready", &depth->ready);
	count_json(b, "running", &depth->running);
	count_json(b, "dead", &depth->dead);
	seconds_json(b, "oldest_s", &depth->oldest_us);
	count_json(b, "done", &work.ends[END_DONE]);
	count_json(b, "retried", &work.ends[END_RETRY]);
	count_json(b, "failed", &work.ends[END_DEAD]);
	count_json(b, "postponed", &work.ends[END_LATER]);
	seconds_json(b, "busy_s", &work.micros);
	seconds_json(b, "late_s", &work.late);
	buf_putc(b, '}');
}

void
health_work_json(const struct scoreboard *s, struct buf *b)
{
	buf_putc(b, '[');
	for (size_t i = 0; i < kinds_count; i++) {
		buf_puts(b, i ? "," : "");
		kind_json(b, s, i);
	}
	buf_putc(b, ']');
}

static void
write_items(struct buf *b, const struct scoreboard *s, size_t kind)
{
	const struct scoreboard_depth *depth = &s->head->depths[kind];
	const struct {
		const char *state;
		const scoreboard_counter *n;
	} rows[] = {
		{ "waiting", &depth->waiting },
		{ "ready", &depth->ready },
		{ "running", &depth->running },
		{ "dead", &depth->dead },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		buf_printf(b, "io7_work_items{kind=\"%s\",state=\"%s\"} %llu\n",
		    kind_at(kind)->name, rows[i].state,
		    (ull)scoreboard_get(rows[i].n));
}

static void
write_oldest(struct buf *b, const struct scoreboard *s, size_t kind)
{
	buf_printf(b, "io7_work_oldest_seconds{kind=\"%s\"} %.3f\n",
	    kind_at(kind)->name, seconds(&s->head->depths[kind].oldest_us));
}

static void
write_attempts(struct buf *b, const struct scoreboard *s, size_t kind)
{
	static const char *const names[END_COUNT] = {
		[END_DONE] = "done",
		[END_RETRY] = "retried",
		[END_DEAD] = "failed",
		[END_LATER] = "postponed",
	};
	struct scoreboard_work work = scoreboard_work_of(s, kind);

	for (size_t i = 0; i < END_COUNT; i++)
		buf_printf(b,
		    "io7_work_attempts_total{kind=\"%s\",outcome=\"%s\"}"
		    " %llu\n",
		    kind_at(kind)->name, names[i],
		    (ull)scoreboard_get(&work.ends[i]));
}

static void
write_busy(struct buf *b, const struct scoreboard *s, size_t kind)
{
	struct scoreboard_work work = scoreboard_work_of(s, kind);

	buf_printf(b, "io7_work_seconds_total{kind=\"%s\"} %.6f\n",
	    kind_at(kind)->name, seconds(&work.micros));
}

static void
write_late(struct buf *b, const struct scoreboard *s, size_t kind)
{
	struct scoreboard_work work = scoreboard_work_of(s, kind);

	buf_printf(b, "io7_work_late_seconds_total{kind=\"%s\"} %.6f\n",
	    kind_at(kind)->name, seconds(&work.late));
}

static const struct {
	const char *name, *type, *help;
	void (*write)(struct buf *, const struct scoreboard *, size_t kind);
} metrics[] = {
	{ "io7_work_items", "gauge", "Items of the queue by state.",
	    write_items },
	{ "io7_work_oldest_seconds", "gauge",
	    "How long the item that waits longest has been ready.",
	    write_oldest },
	{ "io7_work_attempts_total", "counter", "Attempts by outcome.",
	    write_attempts },
	{ "io7_work_seconds_total", "counter", "Time of attempts.",
	    write_busy },
	{ "io7_work_late_seconds_total", "counter",
	    "Delay of first attempts after the time that was asked for.",
	    write_late },
};

void
health_work_metrics(const struct scoreboard *s, struct buf *b)
{
	for (size_t m = 0; m < ARRAY_LEN(metrics); m++) {
		buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", metrics[m].name,
		    metrics[m].help, metrics[m].name, metrics[m].type);
		for (size_t i = 0; i < kinds_count; i++)
			metrics[m].write(b, s, i);
	}
}
