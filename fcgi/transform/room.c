/*
 * The room transform: values through an engine. Each transform is one of the
 * account's streams.
 */
#include "fcgi/room.h"

#include "fcgi/transform/engines.h"
#include "fcgi/transform/options.h"
#include "fcgi/transform/transform.h"
#include "lib/jq/jqx.h"

static const struct route routes[] = {
	{ POST, "/kv/:key/transform", NEED_READ | NEED_STREAM, 1, ROUTE_BODY,
	    transform_single, .about = "transforms a value, as a stream",
	    .pool = &stream_pool },
	{ POST, "/kv/transform/batch", NEED_READ | NEED_STREAM, 1, ROUTE_BODY,
	    transform_batch, .about = "transforms many values, as a stream",
	    .pool = &stream_pool },
};

static const struct room_page pages[] = {
	{ "/dashboard/transform", "Transform" },
};

const struct room transform_room = {
	.name = "transform",
	.options = &transform_options,
	.process = &transform_process,
	.helper = { JQX_ZYGOTE, jqx_zygote },
	.routes = { ROWS(routes) },
	.pages = { ROWS(pages) },
};
