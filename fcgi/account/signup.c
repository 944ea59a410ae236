/*
 * The steps of a signup. The last one notes that all were done, so whatever
 * cuts it off leaves a user whom the next sign-in or the janitor finds.
 */
#include "fcgi/account/signup.h"

#include "lib/log.h"
#include "stmts.h"

enum { AT_ONCE = 100 };

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
	const char *name;
	enum mode mode; /* the database it is done in */
	enum err (*run)(struct base_tx *, struct uuid);
} steps[] = {
	{ "live schema", MODE_LIVE, make_schema },
	{ "test schema", MODE_TEST, make_schema },
	{ "completion", MODE_LIVE, note_completion },
};

enum err
signup_complete(struct bases *bases, struct arena *mem, struct uuid user)
{
	struct base_tx *tx = NULL;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		enum err e = base_open(bases, mem, steps[i].mode, &tx);

		if (e == OK)
			e = steps[i].run(tx, user);
		if (e == OK)
			continue;
		log_event(LOG_WARN, "signup_cut_off", "%s: %s", steps[i].name,
		    tx ? base_trouble(tx) : "no memory");
		return e;
	}
	return OK;
}

/* One user's trouble does not keep the others waiting. */
void
signup_resume(const struct service *service, struct arena *mem)
{
	struct signup_unfinished_row *rows = NULL;
	struct base_tx *tx = NULL;
	size_t n = 0;

	if (base_open(service->bases, mem, MODE_LIVE, &tx) != OK ||
	    signup_unfinished(tx, AT_ONCE, &rows, &n) != OK)
		return;
	for (size_t i = 0; i < n; i++)
		if (signup_complete(service->bases, mem, rows[i].user_id) == OK)
			log_event(LOG_INFO, "signup_resumed",
			    "a signup that was cut off is complete");
}
