/*
 * key: the API keys of an account: creating and listing them.
 *
 * Owns:   what is stored of a key: its digest, prefix and last digits.
 * Not:    the form of a key, which credential has; nor permissions, which the
 *         routes check.
 * Limit:  KEYS_MAX keys per user that are neither revoked nor expired. Keys are
 *         deleted KEY_DAYS after they expire or are revoked. A key is shown in
 *         full once, when it is created.
 */
#ifndef IO7_FCGI_IDENTITY_KEY_H
#define IO7_FCGI_IDENTITY_KEY_H

#include "fcgi/db/list.h"
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
 * Within a transaction. E_NOT_FOUND: there is no such user. E_CONFLICT: the
 * user has KEYS_MAX keys.
 */
enum err key_make_one(struct db_tx *, struct uuid user, const struct key_wish *,
    struct key *) MUST_CHECK;

/*
 * The first key of each mode, with all scopes, within a transaction. For a user
 * who ever had a key, makes none and sets *made to false.
 */
enum err key_make_pair(struct db_tx *, struct uuid user,
    struct key keys[MODE_COUNT], bool *made) MUST_CHECK;

/* The same as a transaction of its own. */
enum err key_make_first(struct db_tx *, struct uuid user,
    struct key keys[MODE_COUNT], bool *made) MUST_CHECK;

/* The chore: deletes keys KEY_DAYS after they expire or are revoked. */
void key_sweep(const struct service *, struct arena *);

/* A JSON object, with the key itself if text is not NULL. */
void key_json(struct buf *, const struct key_list_row *, const char *text);

/* An account's keys; filters: mode, ended. */
extern const struct list list_of_keys;

#endif
