/*
 * The end of an attempt: the item is done, or waits for the next one, or is dead.
 */
#include "fcgi/work/runner_impl.h"

#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"

/*
 * The time of an attempt that was lost is unknown. How late it began is of
 * interest for the first attempt: the pauses before the others are wanted.
 */
static void
count(struct runner *r, const struct work *work, enum scoreboard_end end)
{
	struct scoreboard_attempt ended = {
		.kind = kind_number(work->kind),
		.end = end,
	};

	if (work->deadline_ns) {
		int64_t began = work->deadline_ns - work->kind->timeout_ns;
		int64_t us = (clock_mono_ns() - began) / NS_PER_US;
		int64_t late = clock_wall_us() - us - work->due_us;

		ended.micros = (uint64_t)us;
		if (work->attempt == 1 && late > 0)
			ended.late = (uint64_t)late;
	}
	scoreboard_count_work(r->slot, &ended);
}

static struct ending *
add_ending(struct runner *r, const struct work *work, const char *outcome)
{
	struct ending *ending = &r->endings[r->endings_n];

	if (r->endings_n++ == RUNNER_ENDINGS)
		BUG("more than %d items have ended", RUNNER_ENDINGS);
	*ending = (struct ending){
		.id = work->id,
		.attempt = work->attempt,
		.outcome = outcome,
	};
	return ending;
}

/* A character of UTF-8 is not cut. */
static void
keep_why(struct ending *ending, const char *why)
{
	struct str text = str_of(why ? why : "It failed without a reason.");
	size_t n = 0, step;

	while (n < text.n &&
	    (step = str_utf8_step((struct str){ text.p + n, text.n - n })) !=
		0 &&
	    n + step <= RUNNER_WHY && text.p[n] != '\0')
		n += step;
	memcpy(ending->why, text.p, n);
	ending->why[n] = '\0';
}

/*
 * Between three and five quarters of the pause, so that items that failed
 * together are not tried again together.
 */
static int64_t
jitter(int64_t pause_us)
{
	uint32_t random = UINT32_MAX / 2;

	(void)!crypt_random(&random, sizeof(random));
	return pause_us / 4 * 3 +
	    (int64_t)((double)pause_us / 2 * random / UINT32_MAX);
}

static int64_t
pause_after(const struct work *work)
{
	const struct work_kind *kind = work->kind;
	int64_t pause_ns = kind->pause_ns;

	if (work->pause_us > 0)
		return work->pause_us;
	for (int i = 1; i < work->attempt && pause_ns < kind->pause_max_ns; i++)
		pause_ns *= 2;
	if (pause_ns > kind->pause_max_ns)
		pause_ns = kind->pause_max_ns;
	return jitter(pause_ns / NS_PER_US);
}

/* The reason is not logged: it may quote data of a user. */
static void
log_dead(const struct work *work)
{
	struct log_line l;

	log_begin(&l, LOG_WARN, "work_dead");
	log_text(&l, "kind", work->kind->name);
	log_int(&l, "item", work->id);
	log_int(&l, "attempts", work->attempt);
	log_end(&l);
}

static void
end_for_good(struct runner *r, struct work *work)
{
	keep_why(add_ending(r, work, "dead"), work->why);
	count(r, work, END_DEAD);
	log_dead(work);
	if (work->kind->dead)
		work->kind->dead(work);
}

void
runner_end(struct runner *r, struct work *work, enum work_outcome outcome)
{
	struct ending *ending;

	switch (outcome) {
	case WORK_DONE:
		add_ending(r, work, "done");
		count(r, work, END_DONE);
		return;
	case WORK_LATER:
		add_ending(r, work, "later")->pause_us = work->pause_us;
		count(r, work, END_LATER);
		return;
	case WORK_REFUSED:
		end_for_good(r, work);
		return;
	case WORK_FAILED:
		break;
	}
	if (work->is_last) {
		end_for_good(r, work);
		return;
	}
	ending = add_ending(r, work, "retry");
	ending->pause_us = pause_after(work);
	count(r, work, END_RETRY);
	keep_why(ending, work->why);
}

void
runner_give_back(struct runner *r, const struct work *work)
{
	add_ending(r, work, "unused");
}

void
runner_bury(struct runner *r, struct work *work)
{
	const char *why = arena_copy(work->mem, work->error.p, work->error.n);

	work->why = why ? why : RUNNER_LOST;
	end_for_good(r, work);
}
