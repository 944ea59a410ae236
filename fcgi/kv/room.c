/*
 * The room kv: the key-value store.
 */
#include "fcgi/room.h"

#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv.h"

static const struct route routes[] = {
	{ GET, "/kv", NEED_READ, 1, 0, kv_list,
	    .about =
		"the keys that match a pattern, page by page, or their number",
	    .query = "pattern cursor limit values count" },
	{ DELETE, "/kv", NEED_WRITE, 1, 0, kv_delete_many,
	    .about = "removes the keys that match a pattern",
	    .query = "pattern confirm" },
	{ GET, "/kv/:key", NEED_READ, 1, 0, kv_get_value, .about = "a value" },
	{ PUT, "/kv/:key", NEED_WRITE, 1, ROUTE_BODY, kv_put_value,
	    .about = "stores a value", .query = "ttl" },
	{ PATCH, "/kv/:key", NEED_WRITE, 1, ROUTE_BODY, kv_patch_value,
	    .about = "changes a value by a merge patch or a JSON patch",
	    .query = "ttl",
	    .types =
		"application/merge-patch+json application/json-patch+json" },
	{ DELETE, "/kv/:key", NEED_WRITE, 1, 0, kv_delete_value,
	    .about = "removes a value" },
	{ POST, "/kv/:key/incr", NEED_WRITE, 1, ROUTE_BODY, kv_increment,
	    .about = "adds to a number", .query = "ttl" },
	{ POST, "/kv/batch", NEED_ACCOUNT, 1, ROUTE_BODY, kv_batch,
	    .about = "many operations in one request" },
	{ GET, "/api/kv/export", NEED_READ | NEED_STREAM, 1, 0, kv_export,
	    .about = "a line for each key that matches a pattern",
	    .query = "pattern end" },
	{ POST, "/api/kv/import", NEED_WRITE | NEED_STREAM, 1, ROUTE_STREAM,
	    kv_import_lines, .about = "stores lines, as an export gives them",
	    .query = "mode",
	    .types =
		"application/x-ndjson application/ndjson application/jsonl "
		"application/x-jsonlines application/json "
		"application/x-www-form-urlencoded text/plain" },
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
