/*
 * The end of an attempt: the item is done, or waits for the next one, or is dead.
 */
#include "fcgi/work/runner_impl.h"

#include "lib/base/panic.h"
#include "lib/crypto/crypt.h"
#include "lib/os/log.h"

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
		return;
	case WORK_LATER:
		add_ending(r, work, "later")->pause_us = work->pause_us;
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

	work->why = why ? why : "The runner was lost.";
	end_for_good(r, work);
}
