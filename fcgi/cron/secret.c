/*
 * Secrets are encrypted with the newest key of IO7_SEAL_KEYS_FILE. One under an
 * older key is encrypted again when it is used, so that old keys can be removed.
 */
#include "fcgi/cron/secret.h"

#include "fcgi/options.h"
#include "lib/crypto/seal.h"
#include "lib/crypto/webhook.h"
#include "lib/os/clock.h"
#include "lib/os/log.h"
#include "stmts/cron.h"

static enum err
fail(struct cron_secret *s, enum err e, const char *why)
{
	s->why = why;
	return e;
}

static enum err
fail_statement(struct cron_secret *s, const struct db_tx *tx, enum err e)
{
	log_event(LOG_WARN, "cron_secret", "%s", db_trouble(tx));
	return fail(s, e,
	    "The webhook secret is not available; try again"
	    " shortly.");
}

static struct str
keys_of(const struct cron_secret *s)
{
	return str_of(s->service->opts->seal_keys);
}

static struct str
mode_of(const struct cron_secret *s)
{
	return str_of(mode_name(s->mode));
}

/* The name that a sealed secret is bound to. */
static void
name_of(const struct cron_secret *s, char name[64])
{
	char user[UUID_TEXT];

	uuid_text(s->user, user);
	snprintf(name, 64, "cron-%s-%s", mode_name(s->mode), user);
}

/* --- Encryption ----------------------------------------------------------- */

static enum err
encrypt(struct cron_secret *s, struct str secret, struct str *sealed)
{
	char name[64];
	struct buf b;
	enum err e;

	name_of(s, name);
	buf_init(&b, s->mem);
	e = seal_secret(keys_of(s), str_of(name), secret, &b);
	*sealed = buf_view(&b);
	return e == OK ? OK
		       : fail(s, e,
			     "This host cannot keep a webhook secret: its"
			     " operator must set IO7_SEAL_KEYS_FILE.");
}

static enum err
decrypt(struct cron_secret *s, struct str sealed, struct str *secret)
{
	char name[64];
	struct buf b;

	name_of(s, name);
	buf_init(&b, s->mem);
	if (seal_open(keys_of(s), str_of(name), sealed, &b) != OK)
		return fail(s, E_INTERNAL,
		    "The webhook secret cannot be decrypted. Tell the operator"
		    " of this host.");
	*secret = buf_view(&b);
	return OK;
}

static bool
is_old(const struct cron_secret *s, struct str sealed)
{
	return sealed.p && seal_number(sealed) != seal_newest(keys_of(s));
}

/* Without it the secrets still work, as long as the old key is there. */
static void
encrypt_again(struct db_tx *tx, struct cron_secret *s,
    const struct cron_secret_get_row *row)
{
	struct str secret, previous = { 0 };
	enum err e;

	if (!is_old(s, row->secret) && !is_old(s, row->previous))
		return;
	e = encrypt(s, s->secret, &secret);
	if (e == OK && s->previous.p)
		e = encrypt(s, s->previous, &previous);
	if (e == OK)
		e = cron_secret_reseal(tx, s->user, mode_of(s), row->secret,
		    secret, previous, NULL);
	if (e != OK)
		log_event(LOG_WARN, "cron_secret", "not encrypted again: %s",
		    db_trouble(tx));
}

/* --- Rows ----------------------------------------------------------------- */

static enum err
read_row(struct db_tx *tx, struct cron_secret *s,
    const struct cron_secret_get_row *row)
{
	enum err e = decrypt(s, row->secret, &s->secret);

	s->created_at = row->created_at;
	s->previous = (struct str){ 0 };
	s->previous_until = (struct opt_int64){ 0 };
	if (e == OK && row->previous_until.is &&
	    row->previous_until.v > clock_wall_us()) {
		e = decrypt(s, row->previous, &s->previous);
		s->previous_until = row->previous_until;
	}
	if (e == OK)
		encrypt_again(tx, s, row);
	return e;
}

static enum err
find_row(struct db_tx *tx, struct cron_secret *s,
    struct cron_secret_get_row **row)
{
	enum err e = cron_secret_get(tx, s->user, mode_of(s), row);

	return e == OK ? OK : fail_statement(s, tx, e);
}

static enum err
new_secret(struct cron_secret *s, struct str *sealed)
{
	char text[WEBHOOK_SECRET_TEXT];

	if (!webhook_secret_new(text))
		return fail(s, E_INTERNAL,
		    "The system has no random bytes for a secret.");
	return encrypt(s, str_of(text), sealed);
}

static enum err
add_row(struct db_tx *tx, struct cron_secret *s)
{
	struct str sealed;
	enum err e = new_secret(s, &sealed);

	if (e != OK)
		return e;
	e = cron_secret_add(tx, s->user, mode_of(s), sealed, clock_wall_us(),
	    NULL);
	return e == OK ? OK : fail_statement(s, tx, e);
}

enum err
cron_secret_find(struct db_tx *tx, struct cron_secret *s)
{
	struct cron_secret_get_row *row = NULL;
	enum err e = find_row(tx, s, &row);

	if (e == OK && !row) {
		/* Another process may add one at the same time. */
		e = add_row(tx, s);
		if (e == OK)
			e = find_row(tx, s, &row);
	}
	if (e != OK)
		return e;
	return row ? read_row(tx, s, row)
		   : fail(s, E_INTERNAL, "The account does not exist.");
}

enum err
cron_secret_rotate(struct db_tx *tx, struct cron_secret *s, int64_t grace_s)
{
	int64_t now = clock_wall_us();
	struct opt_int64 until = { grace_s > 0, now + grace_s * US_PER_S };
	struct str sealed;
	enum err e = cron_secret_find(tx, s);

	if (e == OK)
		e = new_secret(s, &sealed);
	if (e != OK)
		return e;
	e = cron_secret_replace(tx, s->user, mode_of(s), sealed, now, until,
	    NULL);
	return e == OK ? cron_secret_find(tx, s) : fail_statement(s, tx, e);
}
