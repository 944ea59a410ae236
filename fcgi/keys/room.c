/*
 * The room keys: an account's API keys over HTTP.
 */
#include "fcgi/room.h"

#include "fcgi/keys/handlers.h"

static const struct route routes[] = {
	{ GET, "/api/keys", NEED_ADMIN, 0, 0, keys_get_keys,
	    .about = "lists the API keys, without their secrets",
	    .query = "mode ended cursor limit" },
	{ POST, "/api/keys", NEED_ADMIN, 0, ROUTE_BODY, keys_post_key,
	    .about = "creates a key and returns it, this once" },
	{ PATCH, "/api/keys/:key_id", NEED_ADMIN, 0, ROUTE_BODY, keys_patch_key,
	    .about = "changes label, expiry or scopes; enables or disables" },
	{ DELETE, "/api/keys/:key_id", NEED_ADMIN, 0, 0, keys_delete_key,
	    .about = "revokes a key immediately" },
	{ POST, "/api/keys/:key_id/rotate", NEED_ADMIN, 0, ROUTE_BODY,
	    keys_post_rotation, .about = "replaces a key by a new one" },
};

static const struct room_limit limits[] = {
	{ LIMITS_ACCOUNTS, "Keys created or changed in a day", "account",
	    KEY_CHANGES_MAX, "changes", .err = E_RATE_LIMITED,
	    .field = "key_changes" },
	{ LIMITS_ACCOUNTS, "Grace period after a rotation", "key",
	    KEY_GRACE_MAX_S, "seconds", .err = E_BAD_REQUEST,
	    .field = "grace_s" },
	{ LIMITS_ACCOUNTS, "Time until a key expires", "key", KEY_YEARS_MAX,
	    "years", .err = E_BAD_REQUEST, .field = "expires_at" },
};

static const struct room_page pages[] = {
	{ "/dashboard/keys", "API keys" },
};

const struct room keys_room = {
	.name = "keys",
	.routes = { ROWS(routes) },
	.limits = { ROWS(limits) },
	.pages = { ROWS(pages) },
};
