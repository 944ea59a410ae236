/*
 * What can be asked of the transforms. Each is a stream of the account's.
 */
#include "fcgi/transform/transform.h"

static const struct route routes[] = {
	{ POST, "/kv/:key/transform", NEED_READ | NEED_STREAM, 1, ROUTE_BODY,
	    transform_single, "a value through an engine, as a stream" },
	{ POST, "/kv/transform/batch", NEED_READ | NEED_STREAM, 1, ROUTE_BODY,
	    transform_batch, "the same for many keys" },
};

const struct room transform_room = {
	.name = "transform",
	.routes = routes,
	.n_routes = ARRAY_LEN(routes),
};
