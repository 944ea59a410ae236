/*
 * Keys. The user's row is locked before the keys are counted, so that two
 * transactions cannot both add the last key that is allowed.
 */
#include "fcgi/identity/key.h"

#include "lib/crypto/crypt.h"
#include "lib/json/member.h"
#include "lib/os/log.h"
#include "stmts/identity.h"

enum { PREFIX_SHOWN = 12, LAST_SHOWN = 4 };

static enum err
lock_and_count(struct db_tx *tx, struct uuid user, struct key_count_row **count)
{
	struct user_lock_row *row;
	enum err e = user_lock(tx, user, &row);

	if (e == OK && !row)
		e = E_NOT_FOUND;
	return e == OK ? key_count(tx, user, count) : e;
}

static enum err
add(struct db_tx *tx, struct uuid user, const struct key_wish *wish,
    struct key *key)
{
	struct str names[SCOPE_COUNT];
	struct str text = { key->text, KEY_TEXT };
	uint8_t digest[CRYPT_SHA256];
	struct key_add_row *row;
	enum err e;

	if (!key_make(wish->mode, key->text) || !crypt_sha256(text, digest))
		return E_INTERNAL;
	key->text[KEY_TEXT] = '\0';
	e = key_add(tx, user, (struct str){ (char *)digest, sizeof(digest) },
	    (struct str){ text.p, PREFIX_SHOWN },
	    (struct str){ text.p + KEY_TEXT - LAST_SHOWN, LAST_SHOWN },
	    wish->label, str_of(mode_name(wish->mode)),
	    scope_list(wish->scopes, names), wish->expires_at,
	    wish->rotated_from, &row);
	if (e != OK)
		return e;
	key->id = row->key_id;
	key->created_at = row->created_at;
	return OK;
}

enum err
key_make_one(struct db_tx *tx, struct uuid user, const struct key_wish *wish,
    struct key *key)
{
	struct key_count_row *count;
	enum err e = lock_and_count(tx, user, &count);

	if (e == OK && count->current >= KEYS_MAX)
		e = E_CONFLICT;
	return e == OK ? add(tx, user, wish, key) : e;
}

enum err
key_make_pair(struct db_tx *tx, struct uuid user, struct key keys[MODE_COUNT],
    bool *made)
{
	static const char *const labels[MODE_COUNT] = {
		[MODE_LIVE] = "First live key",
		[MODE_TEST] = "First test key",
	};
	struct key_count_row *count;
	enum err e = lock_and_count(tx, user, &count);

	*made = e == OK && !count->has_any;
	for (enum mode m = 0; m < MODE_COUNT && e == OK && *made; m++)
		e = add(tx, user,
		    &(struct key_wish){ .label = str_of(labels[m]),
			.mode = m,
			.scopes = SCOPE_ALL },
		    &keys[m]);
	return e;
}

struct first {
	struct uuid user;
	struct key *keys;
	bool *made;
};

static enum err
make_first(struct db_tx *tx, void *context)
{
	struct first *first = context;

	return key_make_pair(tx, first->user, first->keys, first->made);
}

enum err
key_make_first(struct db_tx *tx, struct uuid user, struct key keys[MODE_COUNT],
    bool *made)
{
	struct first first = { user, keys, made };

	return db_transact(tx, 1, make_first, &first);
}

/* Deletes in batches, so that no statement takes long. */
void
key_sweep(const struct service *service, struct arena *mem)
{
	enum { PART = 1000 };
	struct db_tx *tx = db_open(service->db, mem, MODE_LIVE);
	int64_t removed = 0;

	do {
		if (key_delete_old(tx, KEY_DAYS, PART, &removed) != OK)
			return;
		if (removed)
			log_event(LOG_INFO, "keys_forgotten", "%lld keys",
			    (long long)removed);
	} while (removed == PART);
}

void
key_json(struct buf *b, const struct key_list_row *row, const char *text)
{
	buf_putc(b, '{');
	member_uuid(b, "id", (struct opt_uuid){ true, row->key_id });
	if (text)
		member_text(b, "key", str_of(text));
	member_text(b, "label", row->label);
	member_text(b, "mode", row->mode);
	member_text(b, "prefix", row->prefix);
	member_text(b, "last4", row->last4);
	member(b, "scopes");
	buf_scopes(b, scopes_of(row->scopes));
	member_bool(b, "enabled", row->enabled);
	member_time(b, "expires_at", row->expires_at);
	member_time(b, "revoked_at", row->revoked_at);
	member_time(b, "last_used_at", row->last_used_at);
	member_uuid(b, "rotated_from", row->rotated_from);
	member_uuid(b, "rotated_to", row->rotated_to);
	member_time(b, "created_at",
	    (struct opt_int64){ true, row->created_at });
	buf_putc(b, '}');
}

/* --- Lists ---------------------------------------------------------------- */

/* The filter `ended`: keys that are revoked or expired, or the others. */
static enum err
read_ended(struct req *r, struct opt_bool *ended)
{
	struct str text;
	enum err e = req_query(r, "ended", &text);

	if (e != OK)
		return e;
	*ended = (struct opt_bool){ text.p != NULL, str_eq(text, STR("true")) };
	if (text.p && !ended->v && !str_eq(text, STR("false")))
		return fail_field(r, E_BAD_REQUEST, "ended",
		    "must be true or false");
	return OK;
}

static enum err
read_keys(struct req *r, struct db_tx *tx, const struct page *page,
    struct list_rows *to)
{
	struct key_list_row *rows = NULL;
	struct opt_bool ended;
	struct str mode;
	enum err e = page_mode(r, &mode);

	if (e == OK)
		e = read_ended(r, &ended);
	if (e != OK)
		return e;
	e = key_list(tx, r->principal->tenant.user, (struct opt_uuid){ 0 },
	    mode, ended, page->at, page->id, page->limit, &rows, &to->n);
	to->items = rows;
	return db_result(r, tx, e);
}

static struct page_mark
write_key(struct req *r, struct buf *b, const void *item)
{
	const struct key_list_row *row = item;

	(void)r;
	key_json(b, row, NULL);
	return (struct page_mark){ row->created_at, row->key_id };
}

const struct list list_of_keys = {
	.row_size = sizeof(struct key_list_row),
	.read = read_keys,
	.item = write_key,
};
