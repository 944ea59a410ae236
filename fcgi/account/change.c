/*
 * Changes of credentials. See epoch.h for why each is told twice.
 */
#include "fcgi/account/change.h"

#include "lib/crypt.h"
#include "stmts.h"

enum { TRIES = 3 };

struct job {
	struct bases *bases;
	enum err (*work)(struct base_tx *, struct change *);
	struct change change;
};

static void
tell(struct job *job)
{
	const struct buf *ids = &job->change.ids;

	epoch_change(job->bases, (const uint8_t *)ids->p,
	    ids->n / CRYPT_SHA256);
}

static enum err
do_job(struct base_tx *tx, void *context)
{
	struct job *job = context;
	enum err e;

	job->change.ids.n = 0;
	e = job->work(tx, &job->change);
	if (e == OK && job->change.ids.failed)
		e = E_TOO_LARGE;
	if (e == OK)
		tell(job);
	return e;
}

enum err
change_transact(struct bases *bases, struct arena *mem,
    enum err (*work)(struct base_tx *, struct change *), void *context,
    const char **why)
{
	struct job job = { bases, work, { .context = context } };
	struct base_tx *tx = NULL;
	enum err e = base_open(bases, mem, MODE_LIVE, &tx);

	buf_init(&job.change.ids, mem);
	if (e == OK)
		e = base_transact(tx, TRIES, do_job, &job);
	/* Also where it failed: the COMMIT may have come through. */
	tell(&job);
	*why = tx ? base_trouble(tx) : "no memory";
	return e;
}

void
change_of(struct change *change, struct str hash)
{
	buf_str(&change->ids, hash);
}

enum err
change_of_user(struct base_tx *tx, struct uuid user, struct change *change)
{
	struct user_credentials_row *rows = NULL;
	size_t n = 0;
	enum err e = user_credentials(tx, user, &rows, &n);

	for (size_t i = 0; i < n && e == OK; i++)
		change_of(change, rows[i].hash);
	return e;
}
