/*
 * handlers: an account's API keys over HTTP.
 *
 * Owns:   the rules of which credential may change which key.
 * Not:    creating and listing: identity/key does both.
 * Limit:  an API key may change keys of its own mode only; a session or a token
 *         all keys of the account.
 */
#ifndef IO7_FCGI_KEYS_HANDLERS_H
#define IO7_FCGI_KEYS_HANDLERS_H

#include "fcgi/http/req.h"

enum {
	KEY_DAY_S = 24 * 3600,
	KEY_GRACE_MAX_S = 30 * KEY_DAY_S,
	KEY_YEARS_MAX = 10,    /* until a key expires */
	KEY_CHANGES_MAX = 200, /* a day, by an account */
};

enum err keys_get_keys(struct req *);
enum err keys_post_key(struct req *);
enum err keys_patch_key(struct req *);
enum err keys_delete_key(struct req *);
enum err keys_post_rotation(struct req *);

#endif
