/*
 * Changes of credentials. See epoch.h for why each is told twice. What is told
 * is owed to Redis as well, by the transaction itself, and told once more by
 * the janitor: so it does not matter who dies, or which of them is away.
 */
#include "fcgi/identity/credential_change.h"

#include "lib/crypto/crypt.h"
#include "lib/os/log.h"
#include "stmts.h"

enum { TRIES = 3, PAGE = 1000 };

struct job {
	struct bases *bases;
	enum err (*work)(struct base_tx *, struct change *);
	struct change change;
};

/* In vain where Redis is away: then it learns of it from the janitor. */
static void
tell(struct job *job)
{
	const struct buf *ids = &job->change.ids;

	(void)!epoch_change(job->bases, (const uint8_t *)ids->p,
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
	if (e != OK)
		return e;
	tell(job);
	return epochs_owe(tx, buf_view(&job->change.ids), NULL);
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
	*why = base_trouble(tx);
	/* Also where it failed: the COMMIT may have come through. */
	if (tx)
		tell(&job);
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
	struct user_hold_row *held;
	size_t n = 0;
	enum err e = user_hold(tx, user, &held);

	if (e == OK && !held)
		e = E_NOT_FOUND;
	if (e == OK)
		e = user_credentials(tx, user, &rows, &n);
	for (size_t i = 0; i < n && e == OK; i++)
		change_of(change, rows[i].hash);
	return e;
}

static enum err
settle(struct base_tx *tx, struct arena *mem,
    const struct epochs_owed_row *rows, size_t n)
{
	int64_t *ids = arena_alloc(mem, n * sizeof(*ids));

	if (!ids)
		return E_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	return epochs_settle(tx, (struct stmt_array){ ids, n }, NULL);
}

void
change_resume(const struct service *service, struct arena *mem)
{
	struct epochs_owed_row *rows = NULL;
	struct base_tx *tx = NULL;
	struct buf ids;
	size_t n = 0;

	buf_init(&ids, mem);
	if (base_open(service->bases, mem, MODE_LIVE, &tx) != OK ||
	    epochs_owed(tx, PAGE, &rows, &n) != OK || n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		buf_str(&ids, rows[i].credential);
	if (ids.failed ||
	    !epoch_change(service->bases, (const uint8_t *)ids.p, n))
		return;
	if (settle(tx, mem, rows, n) != OK)
		log_event(LOG_WARN, "epochs_not_settled", "%s",
		    base_trouble(tx));
}
