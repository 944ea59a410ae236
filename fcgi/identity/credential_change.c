/*
 * Changes of credentials. See revocation_stamp.h for why a change is published
 * before and after COMMIT. The transaction also queues it, and the janitor
 * publishes it again, so that it takes effect even if this process dies or
 * Redis is down.
 */
#include "fcgi/identity/credential_change.h"

#include "lib/crypto/crypt.h"
#include "lib/os/log.h"
#include "stmts/identity.h"

enum { TRIES = 3, PAGE = 1000 };

struct job {
	struct db *db;
	enum err (*work)(struct db_tx *, struct credential_change *);
	struct credential_change change;
};

/* Fails while Redis is down; the janitor publishes the change later. */
static void
publish(struct job *job, bool wait)
{
	const struct buf *ids = &job->change.ids;

	(void)!revocation_stamp_change(job->db, (const uint8_t *)ids->p,
	    ids->n / CRYPT_SHA256, wait);
}

static enum err
do_job(struct db_tx *tx, void *context)
{
	struct job *job = context;
	enum err e;

	job->change.ids.n = 0;
	e = job->work(tx, &job->change);
	if (e == OK && job->change.ids.failed)
		e = E_TOO_LARGE;
	if (e != OK)
		return e;
	publish(job, false);
	return stamps_queue(tx, buf_view(&job->change.ids), NULL);
}

enum err
credential_change_transact(struct db *db, struct arena *mem,
    enum err (*work)(struct db_tx *, struct credential_change *), void *context,
    const char **why)
{
	struct job job = { db, work, { .context = context } };
	struct db_tx *tx = db_open(db, mem, MODE_LIVE);
	enum err e;

	buf_init(&job.change.ids, mem);
	e = db_transact(tx, TRIES, do_job, &job);
	*why = db_trouble(tx);
	/* Also after an error: the COMMIT may have succeeded. */
	publish(&job, true);
	return e;
}

void
credential_change_of(struct credential_change *change, struct str hash)
{
	buf_str(&change->ids, hash);
}

enum err
credential_change_of_user(struct db_tx *tx, struct uuid user,
    struct credential_change *change)
{
	struct user_credentials_row *rows = NULL;
	struct user_lock_row *held;
	size_t n = 0;
	enum err e = user_lock(tx, user, &held);

	if (e == OK && !held)
		e = E_NOT_FOUND;
	if (e == OK)
		e = user_credentials(tx, user, &rows, &n);
	for (size_t i = 0; i < n && e == OK; i++)
		credential_change_of(change, rows[i].hash);
	return e;
}

static enum err
dequeue(struct db_tx *tx, struct arena *mem,
    const struct stamps_queued_row *rows, size_t n)
{
	int64_t *ids = arena_alloc(mem, n * sizeof(*ids));

	if (!ids)
		return E_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	return stamps_dequeue(tx, (struct array){ ids, n }, NULL);
}

void
credential_change_resume(const struct service *service, struct arena *mem)
{
	struct stamps_queued_row *rows = NULL;
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	struct buf ids;
	size_t n = 0;

	buf_init(&ids, mem);
	if (stamps_queued(tx, PAGE, &rows, &n) != OK || n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		buf_str(&ids, rows[i].credential);
	if (ids.failed ||
	    !revocation_stamp_change(service->db, (const uint8_t *)ids.p, n,
		false))
		return;
	if (dequeue(tx, mem, rows, n) != OK)
		log_event(LOG_WARN, "revocations_not_dequeued", "%s",
		    db_trouble(tx));
}
