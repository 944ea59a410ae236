/*
 * The room transform: values through an engine. Each transform is one of the
 * account's streams.
 */
#include "fcgi/room.h"

#include "fcgi/transform/options.h"
#include "fcgi/transform/transform.h"

static const struct route routes[] = {
	{ POST, "/kv/:key/transform", NEED_READ | NEED_STREAM, 1, ROUTE_BODY,
	    transform_single,
	    .about = "a value through an engine, as a stream" },
	{ POST, "/kv/transform/batch", NEED_READ | NEED_STREAM, 1, ROUTE_BODY,
	    transform_batch, .about = "the same for many keys" },
};

const struct room transform_room = {
	.name = "transform",
	.options = &transform_options,
	.routes = { ROWS(routes) },
};
