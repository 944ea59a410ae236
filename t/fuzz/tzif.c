/*
 * Fuzzing TZif files: one that is refused gets a sentence, and the spans of one
 * that is read follow one another.
 */
#include "lib/time/zone.h"
#include "t/fuzz/fuzz.h"

enum { SPANS = 50, OFFSET_MAX = 26 * 3600 };

static bool
has_spans(const struct zone *z, int64_t us)
{
	struct zone_span span, next;

	zone_span(z, us, &span);
	for (int i = 0; i < SPANS; i++) {
		if (span.begin_us > us || span.end_us <= us ||
		    abs(span.offset) > OFFSET_MAX ||
		    strnlen(span.abbreviation, 256) == 256)
			return false;
		if (span.end_us > INT64_C(1) << 56)
			return true;
		us = span.end_us;
		zone_span(z, us, &next);
		if (next.begin_us != us || next.offset_before != span.offset)
			return false;
		span = next;
	}
	return true;
}

/* A local time has its instant, unless a damaged table has odd changes. */
static bool
has_instants(const struct zone *z, int64_t us)
{
	int64_t earlier, later;
	struct local_time t;

	zone_local(z, us, &t);
	(void)zone_instants(z, &t, &earlier, &later);
	return t.month >= 1 && t.month <= 12 && t.day >= 1 && t.day <= 31 &&
	    earlier <= later;
}

static bool
fuzz_holds(struct str text)
{
	const char *problem = "";
	struct zone *z = zone_new(text, &problem);
	bool good = true;

	if (!z)
		return problem && strlen(problem) > 10;
	for (int64_t year = 1970; good && year < 2500; year += 53) {
		int64_t us = (year - 1970) * INT64_C(31556952) * US_PER_S;

		good = has_spans(z, us) && has_instants(z, us);
	}
	zone_free(z);
	return good && !problem;
}

#ifndef FUZZ_ENGINE

static void
put_number(struct buf *b, uint64_t value, int bytes)
{
	while (bytes--)
		buf_putc(b, (char)(value >> (8 * bytes)));
}

static void
put_header(struct buf *b, unsigned changes, unsigned kinds, unsigned letters)
{
	const unsigned counts[] = { 0, 0, 0, changes, kinds, letters };

	buf_add(b, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		put_number(b, counts[i], 4);
}

static void
fuzz_make(struct fuzz *f)
{
	static const char *const footers[] = { "", "CET-1", "UTC0",
		"CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3<+04>,M10.1.0,M4.1.0",
		"XXX3EDT4,0/0,J365/23", "EET-2EEST,M3.4.4/50,M10.4.4/50",
		"IST-1GMT0,M10.5.0,M3.5.0/1", "A", "CET-1CEST",
		"XXX0YYY,J60,J60", "XXX0YYY-24,100,99" };
	unsigned changes = (unsigned)fuzz_below(f, 5);
	unsigned kinds = 1 + (unsigned)fuzz_below(f, 3);
	uint64_t second = UINT64_C(1) << fuzz_below(f, 40);

	put_header(&f->text, 0, 1, 4);
	put_number(&f->text, 0, 6);
	buf_add(&f->text, "LMT", 4);
	put_header(&f->text, changes, kinds, 8);
	for (unsigned i = 0; i < changes; i++)
		put_number(&f->text, second += 1 + fuzz_below(f, 1 << 24), 8);
	for (unsigned i = 0; i < changes; i++)
		put_number(&f->text, fuzz_below(f, kinds), 1);
	for (unsigned i = 0; i < kinds; i++) {
		put_number(&f->text, fuzz_below(f, 14) * 1800, 4);
		put_number(&f->text, fuzz_below(f, 2), 1);
		put_number(&f->text, fuzz_below(f, 2) * 4, 1);
	}
	buf_add(&f->text, "CET\0CEST", 8);
	f->text.p[f->text.n - 1] = '\0';
	buf_putc(&f->text, '\n');
	buf_puts(&f->text, FUZZ_PICK(f, footers));
	buf_putc(&f->text, '\n');
}

#endif
