/*
 * The room kv: the key-value store.
 */
#include "fcgi/room.h"

#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv.h"

static const struct route routes[] = {
	{ GET, "/kv", NEED_READ, 1, 0, kv_list,
	    .about = "lists the keys that match a pattern, or counts them",
	    .query = "pattern cursor limit values count" },
	{ DELETE, "/kv", NEED_WRITE, 1, 0, kv_delete_many,
	    .about = "deletes the keys that match a pattern",
	    .query = "pattern confirm" },
	{ GET, "/kv/:key", NEED_READ, 1, 0, kv_get_value,
	    .about = "returns a value" },
	{ PUT, "/kv/:key", NEED_WRITE, 1, ROUTE_BODY, kv_put_value,
	    .about = "stores a value", .query = "ttl" },
	{ PATCH, "/kv/:key", NEED_WRITE, 1, ROUTE_BODY, kv_patch_value,
	    .about = "changes a value with a merge patch or a JSON patch",
	    .query = "ttl",
	    .types =
		"application/merge-patch+json application/json-patch+json" },
	{ DELETE, "/kv/:key", NEED_WRITE, 1, 0, kv_delete_value,
	    .about = "deletes a value" },
	{ POST, "/kv/:key/incr", NEED_READ | NEED_WRITE, 1, ROUTE_BODY,
	    kv_increment, .about = "adds to a number, atomically",
	    .query = "ttl" },
	{ POST, "/kv/batch", NEED_ACCOUNT, 1, ROUTE_BODY, kv_batch,
	    .about = "runs many operations in one request" },
	{ GET, "/api/kv/export", NEED_READ | NEED_STREAM, 1, 0, kv_export,
	    .about = "exports keys and values as lines", .query = "pattern end",
	    .pool = &stream_pool },
	{ POST, "/api/kv/import", NEED_WRITE | NEED_STREAM, 1, ROUTE_STREAM,
	    kv_import_lines, .about = "stores the lines of an export",
	    .query = "mode", .pool = &stream_pool,
	    .types =
		"application/x-ndjson application/ndjson application/jsonl "
		"application/x-jsonlines application/json "
		"application/x-www-form-urlencoded text/plain" },
};

static const struct chore chores[] = {
	{ "kv-tend",
	    .about = "deletes expired keys and records the sizes of the stores",
	    .every_ns = 5 * NS_PER_S, .run = kv_sweep_stores },
};

static const struct room_page pages[] = {
	{ "/dashboard/data", "Data" },
};

const struct room kv_room = {
	.name = "kv",
	.routes = { ROWS(routes) },
	.chores = { ROWS(chores) },
	.pages = { ROWS(pages) },
};
