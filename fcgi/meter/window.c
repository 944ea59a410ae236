/*
 * A sliding window: the requests of this minute, plus that share of the minute
 * before which still lies within the last sixty seconds. If our clock is behind
 * the stored minute, it counts as the beginning of that minute.
 */
#include "fcgi/meter/window.h"

static int64_t
into(const struct window *w, int64_t wall_us)
{
	int64_t us = wall_us - w->minute * WINDOW_US;

	return us > 0 ? us : 0;
}

/* Free places, in requests times microseconds so that nothing is rounded. */
static int64_t
free_places(const struct window *w, int64_t limit, int64_t wall_us)
{
	return (limit - w->here) * WINDOW_US -
	    w->before * (WINDOW_US - into(w, wall_us));
}

void
window_roll(struct window *w, int64_t wall_us)
{
	int64_t minute = wall_us / WINDOW_US;

	if (minute <= w->minute)
		return;
	w->before = minute == w->minute + 1 ? w->here : 0;
	w->here = 0;
	w->minute = minute;
}

bool
window_count(struct window *w, int64_t limit, int64_t wall_us)
{
	window_roll(w, wall_us);
	if (free_places(w, limit, wall_us) < WINDOW_US)
		return false;
	w->here++;
	return true;
}

int64_t
window_left(const struct window *w, int64_t limit, int64_t wall_us)
{
	int64_t left = free_places(w, limit, wall_us);

	return left > 0 ? left / WINDOW_US : 0;
}

static int64_t
round_up(int64_t n, int64_t by)
{
	return (n + by - 1) / by;
}

int64_t
window_reset_s(const struct window *w, int64_t wall_us)
{
	return round_up((w->minute + 1) * WINDOW_US - wall_us, US_PER_S);
}

/*
 * The time in a minute at which one more request fits beside `here`, while the
 * `others` of the minute before leave the window evenly.
 */
static int64_t
wait_us(int64_t others, int64_t here, int64_t limit)
{
	int64_t fit = limit - here - 1;

	if (others <= fit)
		return 0;
	return WINDOW_US - fit * WINDOW_US / others;
}

int64_t
window_retry_s(const struct window *w, int64_t limit, int64_t wall_us)
{
	int64_t at = w->minute * WINDOW_US, s;

	if (w->here < limit)
		at += wait_us(w->before, w->here, limit);
	else
		at += WINDOW_US + wait_us(w->here, 0, limit);
	s = round_up(at - wall_us, US_PER_S);
	return s > 1 ? s : 1;
}
