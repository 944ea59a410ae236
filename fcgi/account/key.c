/*
 * Keys. The count and the new row belong together, so whoever adds a key holds
 * the user's row first; what is read after that is as the one before left it.
 */
#include "fcgi/account/key.h"

#include "lib/clock.h"
#include "lib/crypt.h"

enum { PREFIX_SHOWN = 12, LAST_SHOWN = 4 };

static enum err
hold_user(struct base_tx *tx, struct uuid user, struct key_count_row **count)
{
	struct user_hold_row *row;
	enum err e = user_hold(tx, user, &row);

	if (e == OK && !row)
		e = E_NOT_FOUND;
	return e == OK ? key_count(tx, user, count) : e;
}

static enum err
add(struct base_tx *tx, struct uuid user, const struct key_wish *wish,
    struct key *key)
{
	struct str names[SCOPE_COUNT];
	struct stmt_array scopes = { names, 0 };
	struct str text = { key->text, KEY_TEXT };
	uint8_t digest[CRYPT_SHA256];
	struct key_add_row *row;
	enum err e;

	if (!key_make(wish->mode, key->text) || !crypt_sha256(text, digest))
		return E_INTERNAL;
	key->text[KEY_TEXT] = '\0';
	for (size_t i = 0; i < SCOPE_COUNT; i++)
		if (wish->scopes >> i & 1)
			names[scopes.n++] = str_of(scope_names[i]);
	e = key_add(tx, user, (struct str){ (char *)digest, sizeof(digest) },
	    (struct str){ text.p, PREFIX_SHOWN },
	    (struct str){ text.p + KEY_TEXT - LAST_SHOWN, LAST_SHOWN },
	    wish->label, str_of(mode_name(wish->mode)), scopes,
	    wish->expires_at, wish->rotated_from, &row);
	if (e != OK)
		return e;
	key->id = row->key_id;
	key->created_at = row->created_at;
	return OK;
}

enum err
key_make_one(struct base_tx *tx, struct uuid user, const struct key_wish *wish,
    struct key *key)
{
	struct key_count_row *count;
	enum err e = hold_user(tx, user, &count);

	if (e == OK && count->unrevoked >= KEYS_MAX)
		e = E_CONFLICT;
	return e == OK ? add(tx, user, wish, key) : e;
}

struct first {
	struct uuid user;
	struct key *keys;
	bool *made;
};

static enum err
make_first(struct base_tx *tx, void *context)
{
	static const char *const labels[MODE_COUNT] = {
		[MODE_LIVE] = "First live key",
		[MODE_TEST] = "First test key",
	};
	struct first *first = context;
	struct key_count_row *count;
	enum err e = hold_user(tx, first->user, &count);

	*first->made = e == OK && count->ever == 0;
	for (enum mode m = 0; m < MODE_COUNT && e == OK && *first->made; m++)
		e = add(tx, first->user,
		    &(struct key_wish){ .label = str_of(labels[m]),
			.mode = m,
			.scopes = SCOPE_ALL },
		    &first->keys[m]);
	return e;
}

enum err
key_make_first(struct base_tx *tx, struct uuid user,
    struct key keys[MODE_COUNT], bool *made)
{
	struct first first = { user, keys, made };

	return base_transact(tx, 1, make_first, &first);
}

static void
time_member(struct buf *b, const char *name, struct opt_int8 at)
{
	buf_printf(b, ",\"%s\":", name);
	if (at.is)
		buf_time(b, at.v);
	else
		buf_puts(b, "null");
}

void
key_json(struct buf *b, const struct key_list_row *row, const char *text)
{
	buf_puts(b, "{\"id\":");
	buf_uuid(b, row->key_id);
	if (text)
		buf_printf(b, ",\"key\":\"%s\"", text);
	buf_puts(b, ",\"label\":");
	buf_json(b, row->label);
	buf_printf(b,
	    ",\"mode\":\"%.*s\",\"prefix\":\"%.*s\",\"last4\":\"%.*s\""
	    ",\"scopes\":",
	    STR_ARGS(row->mode), STR_ARGS(row->prefix), STR_ARGS(row->last4));
	buf_scopes(b, scopes_of(row->scopes));
	buf_printf(b, ",\"enabled\":%s", row->enabled ? "true" : "false");
	time_member(b, "expires_at", row->expires_at);
	time_member(b, "revoked_at", row->revoked_at);
	time_member(b, "last_used_at", row->last_used_at);
	buf_puts(b, ",\"rotated_from\":");
	if (row->rotated_from.is)
		buf_uuid(b, row->rotated_from.v);
	else
		buf_puts(b, "null");
	buf_puts(b, ",\"created_at\":");
	buf_time(b, row->created_at);
	buf_putc(b, '}');
}
