/*
 * The steps of a signup, and undoing them. The last step marks the user as
 * complete, so an interrupted signup is found by the next sign-in or by the
 * janitor.
 */
#include "fcgi/identity/signup.h"

#include "lib/base/panic.h"
#include "lib/os/log.h"
#include "stmts/db.h"
#include "stmts/identity.h"

enum { PAGE = 100 };

/* Runs one statement in one of the databases. */
static enum err
run(struct signup *s, enum mode mode,
    enum err (*statement)(struct db_tx *, struct uuid))
{
	struct db_tx *tx = db_open(s->db, s->mem, mode);
	enum err e = statement(tx, s->user);

	if (e != OK)
		s->why = db_trouble(tx);
	return e;
}

static enum err
provision(struct db_tx *tx, struct uuid user)
{
	struct tenant_provision_row *row;

	return tenant_provision(tx, user, &row);
}

static enum err
drop(struct db_tx *tx, struct uuid user)
{
	struct tenant_drop_row *row;

	return tenant_drop(tx, user, &row);
}

static enum err
finish(struct db_tx *tx, struct uuid user)
{
	return signup_finish(tx, user, NULL);
}

static enum err
make_live_schema(struct signup *s)
{
	return run(s, MODE_LIVE, provision);
}

static enum err
make_test_schema(struct signup *s)
{
	return run(s, MODE_TEST, provision);
}

static enum err
drop_live_schema(struct signup *s)
{
	return run(s, MODE_LIVE, drop);
}

static enum err
drop_test_schema(struct signup *s)
{
	return run(s, MODE_TEST, drop);
}

static enum err
note_completion(struct signup *s)
{
	return run(s, MODE_LIVE, finish);
}

/* The steps of the rooms run between these and the last one. */
static const struct step schemas[] = {
	{ "live-schema", make_live_schema, drop_live_schema },
	{ "test-schema", make_test_schema, drop_test_schema },
};
static const struct step completion = { "completion", note_completion, NULL };

static const struct step *added[SIGNUP_STEPS];
static size_t added_n;

void
signup_add(const struct step *slice, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (added_n == ARRAY_LEN(added))
			BUG("more than %zu steps", ARRAY_LEN(added));
		added[added_n++] = &slice[i];
	}
}

static enum err
run_step(struct signup *s, const struct step *step)
{
	s->step = step->name;
	return step->run ? step->run(s) : OK;
}

static enum err
complete(struct signup *s)
{
	enum err e = OK;

	for (size_t i = 0; i < ARRAY_LEN(schemas) && e == OK; i++)
		e = run_step(s, &schemas[i]);
	for (size_t i = 0; i < added_n && e == OK; i++)
		e = run_step(s, added[i]);
	return e == OK ? run_step(s, &completion) : e;
}

enum err
signup_complete(const struct service *service, struct arena *mem,
    struct uuid user)
{
	struct signup s = { service, service->db, mem, user, "", "" };
	enum err e = complete(&s);

	if (e != OK)
		log_event(LOG_WARN, "signup_cut_off", "%s: %s", s.step, s.why);
	return e;
}

static enum err
undo_step(struct signup *s, const struct step *step)
{
	s->step = step->name;
	return step->undo ? step->undo(s) : OK;
}

enum err
signup_undo(const struct service *service, struct arena *mem, struct uuid user,
    const char **why)
{
	struct signup s = { service, service->db, mem, user, "", "" };
	enum err e = OK;

	for (size_t i = added_n; i > 0 && e == OK; i--)
		e = undo_step(&s, added[i - 1]);
	for (size_t i = ARRAY_LEN(schemas); i > 0 && e == OK; i--)
		e = undo_step(&s, &schemas[i - 1]);
	*why = s.why;
	return e;
}

/*
 * One page a run. Resume after the last page, so that users whose signup fails
 * each time cannot block the rest.
 */
void
signup_resume(const struct service *service, struct arena *mem)
{
	static struct signup_unfinished_row from;
	struct signup s = { service, service->db, mem, { { 0 } }, "", "" };
	struct signup_unfinished_row *rows = NULL;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	size_t n = 0, failed = 0;

	if (signup_unfinished(tx, from.created_at, from.user_id, PAGE, &rows,
		&n) != OK)
		return;
	for (size_t i = 0; i < n; i++) {
		s.user = rows[i].user_id;
		failed += complete(&s) != OK;
	}
	from = n == PAGE ? rows[n - 1] : (struct signup_unfinished_row){ 0 };
	if (n)
		log_event(failed ? LOG_WARN : LOG_INFO, "signups_resumed",
		    "%zu of %zu are complete%s%s", n - failed, n,
		    failed ? "; the last error: " : "", s.why);
}
