/*
 * key: the API keys of an account: made, changed, revoked.
 *
 * Owns:   what a new key may be, and its digest and ends in the database.
 * Not:    its form, which credential knows; nor who may: the routes see to it.
 * Limit:  KEYS_MAX keys a user that are neither revoked nor expired; one that
 *         was is forgotten KEY_DAYS later; a key is known in full only to who
 *         makes it, once.
 */
#ifndef IO7_FCGI_IDENTITY_KEY_H
#define IO7_FCGI_IDENTITY_KEY_H

#include "fcgi/identity/principal.h"

struct key_list_row;

enum { KEYS_MAX = 100, LABEL_MAX = 100, KEY_DAYS = 90 };

struct key_wish {
	struct str label;
	enum mode mode;
	unsigned scopes;
	struct opt_int64 expires_at;
	struct opt_uuid rotated_from;
};

struct key {
	struct uuid id;
	int64_t created_at;
	char text[KEY_TEXT + 1];
};

/*
 * Within a transaction. E_NOT_FOUND: there is no such user; E_CONFLICT: the
 * user has KEYS_MAX keys already.
 */
enum err key_make_one(struct db_tx *, struct uuid user, const struct key_wish *,
    struct key *) MUST_CHECK;

/* The same as the next, within a transaction. */
enum err key_make_pair(struct db_tx *, struct uuid user,
    struct key keys[MODE_COUNT], bool *made) MUST_CHECK;

/*
 * The first key of each mode, with all scopes, for a user who never had one; a
 * transaction of its own. *made is false where there was one, revoked or not.
 */
enum err key_make_first(struct db_tx *, struct uuid user,
    struct key keys[MODE_COUNT], bool *made) MUST_CHECK;

/* The chore: removes keys that have been over for KEY_DAYS. */
void key_sweep(const struct service *, struct arena *);

/* As a JSON object; with the key itself where `text` is that. */
void key_json(struct buf *, const struct key_list_row *, const char *text);

#endif
