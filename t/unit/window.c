/*
 * The sliding window: as many requests pass as it reports as left, and a refused
 * client passes at the second that it reports, not before.
 */
#include "fcgi/meter/window.h"
#include "t/unit/tap.h"

#define AT(minute, seconds) ((minute)*WINDOW_US + (int64_t)((seconds)*1000000))

static bool
passes(const struct window *w, int64_t limit, int64_t us)
{
	struct window later = *w;

	return window_count(&later, limit, us);
}

static void
test_edges(void)
{
	struct window w = { .minute = 7 };

	for (int i = 0; i < 5; i++)
		ok(window_count(&w, 5, AT(7, 59.5)),
		    "request %d of five passes", i + 1);
	ok(!window_count(&w, 5, AT(7, 59.5)), "the sixth request is refused");
	is_int(window_reset_s(&w, AT(7, 59.5)), 1,
	    "the minute ends in a second");
	is_int(window_retry_s(&w, 5, AT(7, 59.5)), 13,
	    "retry at second 12 of the next minute");
	ok(!passes(&w, 5, AT(8, 11.9)), "a request before that is refused");
	ok(passes(&w, 5, AT(8, 12)), "a request at that second passes");
	ok(passes(&w, 5, AT(9, 0)), "the window is empty two minutes later");
	is_int(window_left(&w, 5, AT(7, 59.9)), 0, "no requests are left");
	window_roll(&w, AT(8, 30));
	is_int(window_left(&w, 5, AT(8, 30)), 2,
	    "half of the limit is left half a minute later");
	window_roll(&w, AT(7, 0));
	is_int(w.minute, 8, "the minute never goes back");
	is_int(w.before, 5, "earlier counts are kept");
	window_roll(&w, AT(10, 0));
	is_int(w.before + w.here, 0, "old counts are dropped");
}

static void
test_one(void)
{
	struct window w = { .minute = 7 };

	ok(window_count(&w, 1, AT(7, 30)),
	    "a limit of one lets one request pass");
	is_int(window_retry_s(&w, 1, AT(7, 30)), 90,
	    "the next one passes when the first has left the window");
	ok(!passes(&w, 1, AT(8, 59.9)), "it does not pass earlier");
	ok(passes(&w, 1, AT(9, 0)), "it passes then");
	is_int(window_retry_s(&w, 5, AT(7, 30)), 1,
	    "with a larger limit it can retry at once");
	w.here = 100;
	is_int(window_retry_s(&w, 10, AT(7, 30)), 85,
	    "with a smaller limit it waits until it fits");
	ok(passes(&w, 10, AT(7, 115)), "it fits then");
	is_int(window_left(&w, 10, AT(7, 30)), 0,
	    "the number of requests left is never negative");
	is_int(window_retry_s(&w, 10, AT(6, 30)), 145,
	    "a clock that is behind gets a longer time");
}

/* Whether as many requests pass as are left. */
static bool
is_left_right(struct window w, int64_t limit, int64_t us)
{
	int64_t left, passed = 0;

	window_roll(&w, us);
	left = window_left(&w, limit, us);
	while (window_count(&w, limit, us))
		passed++;
	return passed == left;
}

static bool
is_retry_right(const struct window *w, int64_t limit, int64_t us)
{
	int64_t s = window_retry_s(w, limit, us);

	return passes(w, limit, us + s * US_PER_S) &&
	    (s == 1 || !passes(w, limit, us + (s - 1) * US_PER_S));
}

/* A number below n; the sequence is the same in every run. */
static int64_t
any(int64_t n)
{
	static uint64_t state = 20260131;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)((state >> 33) % (uint64_t)n);
}

static void
test_any(void)
{
	enum { RUNS = 300, STEPS = 400 };
	int wrong_left = 0, wrong_retry = 0, refused = 0;

	for (int run = 0; run < RUNS; run++) {
		int64_t limit = 1 + any(40), us = AT(100, any(60));
		struct window w = { .minute = 100 };

		for (int i = 0; i < STEPS; i++) {
			us += any(4) ? any(3000000) : any(90000000) - 5000000;
			wrong_left += !is_left_right(w, limit, us);
			if (window_count(&w, limit, us))
				continue;
			refused++;
			wrong_retry += !is_retry_right(&w, limit, us);
		}
	}
	is_int(wrong_left, 0, "as many requests pass as are left");
	is_int(wrong_retry, 0,
	    "a refused client passes at the reported second");
	ok(refused > RUNS * STEPS / 20, "%d were refused", refused);
}

int
main(void)
{
	test_edges();
	test_one();
	test_any();
	return tap_done();
}
