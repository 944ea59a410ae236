/*
 * The room kv: the key-value store.
 */
#include "fcgi/room.h"

#include "fcgi/http/page.h"
#include "fcgi/kv/batch.h"
#include "fcgi/kv/glob.h"
#include "fcgi/kv/handlers.h"
#include "fcgi/kv/kv.h"
#include "fcgi/kv/line_reader.h"

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

static const struct room_limit limits[] = {
	{ LIMITS_RATES, "Storage", "account and mode", .plan = "storage_bytes",
	    .unit = "bytes", .err = E_STORAGE_FULL },
	{ LIMITS_VALUES, "Storage counted besides key and value", "key",
	    KV_ROW_BYTES, "bytes", .effect = "it counts against the storage" },
	{ LIMITS_VALUES, "Length of a key", "key", KV_KEY_MAX, "characters",
	    .err = E_BAD_REQUEST, .field = "key" },
	{ LIMITS_VALUES, "Nesting of a value", "value", KV_DEPTH_MAX, "levels",
	    .err = E_BAD_REQUEST, .field = "body" },
	{ LIMITS_VALUES, "Nesting of a patch", "request", KV_PATCH_DEPTH,
	    "levels", .err = E_BAD_REQUEST, .field = "body" },
	{ LIMITS_VALUES, "Digits of a number when written out", "value",
	    KV_DIGITS_MAX, "digits", .err = E_BAD_REQUEST, .field = "body" },
	{ LIMITS_VALUES, "Time to live", "key", KV_TTL_MAX, "seconds",
	    .err = E_BAD_REQUEST, .field = "ttl" },
	{ LIMITS_VALUES, "Length of a pattern", "request", GLOB_MAX,
	    "characters", .err = E_BAD_REQUEST, .field = "pattern" },
	{ LIMITS_LISTS, "Items in a page", "request", PAGE_MAX, "items",
	    .err = E_BAD_REQUEST, .field = "limit" },
	{ LIMITS_LISTS, "Items in a page by default", "request", PAGE_USUAL,
	    "items", .effect = "next_cursor leads to the next page" },
	{ LIMITS_LISTS, "Total size of the values in a page", "request",
	    KV_PAGE_VALUES, "bytes", .effect = "the page has fewer items" },
	{ LIMITS_LISTS, "Keys that a count reads per credit", "request",
	    KV_KEYS_PER_CREDIT, "keys",
	    .effect = "one more credit is charged" },
	{ LIMITS_LISTS, "Operations in a batch", "request", BATCH_OPS,
	    "operations", .err = E_BAD_REQUEST, .field = "ops" },
	{ LIMITS_LISTS, "Total size of the values that a batch reads",
	    "request", BATCH_VALUES, "bytes", .err = E_TOO_LARGE },
	{ LIMITS_LISTS, "Operations or lines per credit", "request",
	    KV_OPS_PER_CREDIT, "operations",
	    .effect = "one more credit is charged" },
	{ LIMITS_LISTS, "Size of an import", "request",
	    .nginx = "client_max_body_size 64m", .unit = "bytes",
	    .err = E_TOO_LARGE },
	{ LIMITS_LISTS, "Size of an import, decompressed", "request",
	    LINES_INFLATED, "bytes", .err = E_TOO_LARGE, .field = "line" },
	{ LIMITS_LISTS, "Size of a line besides its value", "line",
	    LINE_ENVELOPE, "bytes", .err = E_TOO_LARGE, .field = "line" },
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
	.limits = { ROWS(limits) },
	.chores = { ROWS(chores) },
	.pages = { ROWS(pages) },
};
