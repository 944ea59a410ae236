/*
 * A zone is a table of changes and, after its last, a rule for each year. Both
 * give spans of one offset, and all conversions look at spans only.
 */
#include "lib/time/zone_impl.h"

#include "lib/time/date.h"

/* Where the neighbours of an instant may have another offset. */
enum { LONGEST_OFFSET = 26 * 3600 };

/* A span in seconds. */
struct span {
	int64_t begin, end;
	struct zone_kind kind;
	int32_t offset_before;
};

const struct zone *
zone_utc(void)
{
	static const struct zone utc = { .kinds = { { 0, false, "UTC" } } };

	return &utc;
}

static struct zone_kind
kind_of_rule(const struct tz_rule *rule, bool is_dst)
{
	const struct tz_kind *kind = is_dst ? &rule->daylight : &rule->standard;

	return (struct zone_kind){ kind->offset, is_dst, kind->abbreviation };
}

/* The offset in force before change number i. */
static int32_t
offset_before(const struct zone *z, size_t i)
{
	return z->kinds[i ? z->changes[i - 1].kind : 0].offset;
}

static void
span_of_rule(const struct zone *z, int64_t second, struct span *s)
{
	int64_t begin, end;

	s->kind = kind_of_rule(&z->rule,
	    posix_tz_at(&z->rule, second, &s->begin, &s->end));
	s->offset_before = s->kind.offset;
	if (z->n && s->begin <= z->changes[z->n - 1].second) {
		s->begin = z->changes[z->n - 1].second;
		s->offset_before = offset_before(z, z->n - 1);
	} else if (s->begin != INT64_MIN) {
		s->offset_before = kind_of_rule(&z->rule,
		    posix_tz_at(&z->rule, s->begin - 1, &begin, &end))
				       .offset;
	}
}

/* The number of changes at or before that second. */
static size_t
changes_until(const struct zone *z, int64_t second)
{
	size_t low = 0, high = z->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->changes[middle].second <= second)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
span_of_table(const struct zone *z, size_t i, struct span *s)
{
	s->begin = i ? z->changes[i - 1].second : INT64_MIN;
	s->end = i < z->n ? z->changes[i].second : INT64_MAX;
	s->kind = z->kinds[i ? z->changes[i - 1].kind : 0];
	s->offset_before = i ? offset_before(z, i - 1) : s->kind.offset;
}

static void
span_at(const struct zone *z, int64_t second, struct span *s)
{
	size_t i = changes_until(z, second);

	if (i == z->n && z->has_rule)
		span_of_rule(z, second, s);
	else
		span_of_table(z, i, s);
}

/* Some files begin with a change before the universe did. */
static int64_t
microseconds(int64_t second)
{
	if (second <= INT64_MIN / US_PER_S)
		return INT64_MIN;
	return second < INT64_MAX / US_PER_S ? second * US_PER_S : INT64_MAX;
}

void
zone_span(const struct zone *z, int64_t wall_us, struct zone_span *to)
{
	struct span s;

	span_at(z, floor_div(wall_us, US_PER_S), &s);
	*to = (struct zone_span){
		.begin_us = microseconds(s.begin),
		.end_us = microseconds(s.end),
		.offset = s.kind.offset,
		.offset_before = s.offset_before,
		.is_dst = s.kind.is_dst,
		.abbreviation = s.kind.abbreviation,
	};
}

void
zone_local(const struct zone *z, int64_t wall_us, struct local_time *to)
{
	int64_t second = floor_div(wall_us, US_PER_S), local, day;
	struct span s;
	struct date date;
	int rest;

	span_at(z, second, &s);
	local = second + s.kind.offset;
	day = floor_div(local, SECONDS_A_DAY);
	rest = (int)floor_mod(local, SECONDS_A_DAY);
	date = date_of_day(day);
	*to = (struct local_time){
		.year = date.year,
		.month = date.month,
		.day = date.day,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
		.weekday = date_weekday(day),
		.offset = s.kind.offset,
		.is_dst = s.kind.is_dst,
		.abbreviation = s.kind.abbreviation,
	};
}

void
buf_local_time(struct buf *b, const struct zone *z, int64_t wall_us)
{
	struct local_time t;
	int minutes;

	zone_local(z, wall_us, &t);
	minutes = abs(t.offset) / 60;
	buf_printf(b, "\"%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d\"", t.year,
	    t.month, t.day, t.hour, t.minute, t.second,
	    t.offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/*
 * Looks through the spans in which the local time may lie. A change that skips
 * it has a smaller offset before than after.
 */
enum zone_fit
zone_instants(const struct zone *z, const struct local_time *t,
    int64_t *earlier_us, int64_t *later_us)
{
	int64_t local = date_to_day(t->year, t->month, t->day) * SECONDS_A_DAY +
	    t->hour * INT64_C(3600) + t->minute * INT64_C(60) + t->second;
	int64_t at = local - LONGEST_OFFSET, skipped_by = local;
	size_t n = 0;
	struct span s;

	for (; at <= local + LONGEST_OFFSET && n < 2; at = s.end) {
		int64_t second;

		span_at(z, at, &s);
		second = local - s.kind.offset;
		if (second >= s.begin && second < s.end)
			*(n++ ? later_us : earlier_us) = second * US_PER_S;
		if (second < s.begin && local - s.offset_before >= s.begin)
			skipped_by = s.begin;
	}
	if (n == 2)
		return ZONE_REPEATED;
	if (!n)
		*earlier_us = skipped_by * US_PER_S;
	*later_us = *earlier_us;
	return n ? ZONE_ONCE : ZONE_SKIPPED;
}
