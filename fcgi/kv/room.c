/*
 * The room kv: the key-value store.
 */
#include "fcgi/room.h"

#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv.h"

static const struct route routes[] = {
	{ GET, "/kv", NEED_READ, 1, 0, kv_list,
	    "the keys that match a pattern, page by page, or their number" },
	{ DELETE, "/kv", NEED_WRITE, 1, 0, kv_delete_many,
	    "removes the keys that match a pattern" },
	{ GET, "/kv/:key", NEED_READ, 1, 0, kv_get_value, "a value" },
	{ PUT, "/kv/:key", NEED_WRITE, 1, ROUTE_BODY, kv_put_value,
	    "stores a value" },
	{ PATCH, "/kv/:key", NEED_WRITE, 1, ROUTE_BODY, kv_patch_value,
	    "changes a value by a merge patch or a JSON patch" },
	{ DELETE, "/kv/:key", NEED_WRITE, 1, 0, kv_delete_value,
	    "removes a value" },
	{ POST, "/kv/:key/incr", NEED_WRITE, 1, ROUTE_BODY, kv_increment,
	    "adds to a number" },
	{ POST, "/kv/batch", NEED_ACCOUNT, 1, ROUTE_BODY, kv_batch,
	    "many operations in one request" },
	{ GET, "/api/kv/export", NEED_READ | NEED_STREAM, 1, 0, kv_export,
	    "a line for each key that matches a pattern" },
	{ POST, "/api/kv/import", NEED_WRITE | NEED_STREAM, 1, ROUTE_STREAM,
	    kv_import_lines, "stores lines, as an export gives them" },
};

static const struct chore chores[] = {
	{ "kv-tend", "removes what has expired, and notes the stores' sizes",
	    5 * NS_PER_S, kv_sweep_stores },
};

const struct room kv_room = {
	.name = "kv",
	.routes = { ROWS(routes) },
	.chores = { ROWS(chores) },
};
