/*
 * The steps of a signup. The last one notes that all were done, so whatever
 * cuts it off leaves a user whom the next sign-in or the janitor finds.
 */
#include "fcgi/account/signup.h"

#include "lib/log.h"
#include "stmts.h"

enum { PAGE = 100 };

static enum err
make_schema(struct base_tx *tx, struct uuid user)
{
	struct tenant_provision_row *row;

	return tenant_provision(tx, user, &row);
}

static enum err
note_completion(struct base_tx *tx, struct uuid user)
{
	return signup_finish(tx, user, NULL);
}

static const struct {
	enum mode mode; /* the database it is done in */
	enum err (*run)(struct base_tx *, struct uuid);
} steps[] = {
	{ MODE_LIVE, make_schema },
	{ MODE_TEST, make_schema },
	{ MODE_LIVE, note_completion },
};

/* What was in the way is left in `why`, for the log. */
static enum err
complete(struct bases *bases, struct arena *mem, struct uuid user,
    const char **why)
{
	struct base_tx *tx = NULL;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		enum err e = base_open(bases, mem, steps[i].mode, &tx);

		if (e == OK)
			e = steps[i].run(tx, user);
		if (e == OK)
			continue;
		*why = tx ? base_trouble(tx) : "no memory";
		return e;
	}
	return OK;
}

enum err
signup_complete(struct bases *bases, struct arena *mem, struct uuid user)
{
	const char *why = "";
	enum err e = complete(bases, mem, user, &why);

	if (e != OK)
		log_event(LOG_WARN, "signup_cut_off", "%s", why);
	return e;
}

/*
 * A page each time, the next one behind it, and from the front again after the
 * last: however many cannot be completed, none waits for them for ever.
 */
void
signup_resume(const struct service *service, struct arena *mem)
{
	static struct signup_unfinished_row last;
	struct signup_unfinished_row *rows = NULL;
	struct base_tx *tx = NULL;
	const char *why = "";
	size_t n = 0, failed = 0;

	if (base_open(service->bases, mem, MODE_LIVE, &tx) != OK ||
	    signup_unfinished(tx, last.created_at, last.user_id, PAGE, &rows,
		&n) != OK)
		return;
	for (size_t i = 0; i < n; i++)
		failed +=
		    complete(service->bases, mem, rows[i].user_id, &why) != OK;
	last = n == PAGE ? rows[n - 1] : (struct signup_unfinished_row){ 0 };
	if (n)
		log_event(failed ? LOG_WARN : LOG_INFO, "signups_resumed",
		    "%zu of %zu are complete%s%s", n - failed, n,
		    failed ? "; the last trouble: " : "", why);
}
