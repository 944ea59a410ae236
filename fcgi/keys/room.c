/*
 * The room keys: an account's API keys over HTTP.
 */
#include "fcgi/room.h"

#include "fcgi/keys/handlers.h"

static const struct route routes[] = {
	{ GET, "/api/keys", NEED_ADMIN, 0, 0, keys_get_keys,
	    .about = "the account's keys, without the keys themselves",
	    .query = "mode ended cursor limit" },
	{ POST, "/api/keys", NEED_ADMIN, 0, ROUTE_BODY, keys_post_key,
	    .about = "a new key, shown this once" },
	{ PATCH, "/api/keys/:key_id", NEED_ADMIN, 0, ROUTE_BODY, keys_patch_key,
	    .about = "another label, end or scopes, enabled or disabled" },
	{ DELETE, "/api/keys/:key_id", NEED_ADMIN, 0, 0, keys_delete_key,
	    .about = "revokes it, at once" },
	{ POST, "/api/keys/:key_id/rotate", NEED_ADMIN, 0, ROUTE_BODY,
	    keys_post_rotation, .about = "a new key in place of it" },
};

const struct room keys_room = {
	.name = "keys",
	.routes = { ROWS(routes) },
};
