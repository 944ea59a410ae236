/*
 * The room transform: values through an engine. Each transform is one of the
 * account's streams.
 */
#include "fcgi/room.h"

#include "fcgi/transform/jq.h"
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

static const struct room_limit limits[] = {
	{ LIMITS_TRANSFORMS, "Keys in a batch", "request", TRANSFORM_KEYS,
	    "keys", .err = E_BAD_REQUEST, .field = "keys" },
	{ LIMITS_TRANSFORMS, "Keys per credit", "request",
	    TRANSFORM_KEYS_PER_CREDIT, "keys",
	    .effect = "one more credit is charged" },
	{ LIMITS_TRANSFORMS, "Duration of a batch until its last key starts",
	    "request", .option = "IO7_TRANSFORM_TIMEOUT", .unit = "seconds",
	    .err = E_TIMEOUT, .effect = "as an event" },
	{ LIMITS_TRANSFORMS, "Size of a jq program", "request", JQX_PROGRAM_MAX,
	    "bytes", .err = E_BAD_REQUEST, .field = "program" },
	{ LIMITS_TRANSFORMS, "Duration of a jq program", "value",
	    .option = "IO7_JQ_TIMEOUT", .unit = "seconds", .err = E_TIMEOUT,
	    .effect = "as an event" },
	{ LIMITS_TRANSFORMS, "Memory of a jq program", "value",
	    .option = "IO7_JQ_MEMORY", .unit = "bytes", .err = E_TOO_LARGE,
	    .effect = "as an event" },
	{ LIMITS_TRANSFORMS, "Output of a jq program", "value",
	    .option = "IO7_JQ_OUTPUT", .unit = "bytes", .err = E_TOO_LARGE,
	    .effect = "as an event" },
	{ LIMITS_TRANSFORMS, "Tokens of a model's answer", "value",
	    .option = "IO7_MODEL_TOKENS_MAX", .unit = "tokens",
	    .err = E_BAD_REQUEST, .field = "max_tokens" },
	{ LIMITS_TRANSFORMS, "Model tokens per credit", "request",
	    .option = "IO7_MODEL_CREDIT_TOKENS", .unit = "tokens",
	    .effect = "one more credit is charged" },
	{ LIMITS_TRANSFORMS, "Model tokens a day, in test mode", "account",
	    .option = "IO7_MODEL_TEST_TOKENS", .unit = "tokens",
	    .err = E_QUOTA_EXCEEDED, .field = "model_tokens" },
	{ LIMITS_TRANSFORMS, "Time without output from a model", "value",
	    .option = "IO7_MODEL_SILENCE", .unit = "seconds", .err = E_TIMEOUT,
	    .effect = "as an event" },
	{ LIMITS_TRANSFORMS, "Duration of a model's answer", "value",
	    .option = "IO7_MODEL_TIMEOUT", .unit = "seconds", .err = E_TIMEOUT,
	    .effect = "as an event" },
	{ LIMITS_TRANSFORMS, "Interval of the comments in a stream", "stream",
	    .option = "IO7_STREAM_HEARTBEAT", .unit = "seconds",
	    .effect = "a comment is sent" },
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
	.limits = { ROWS(limits) },
	.pages = { ROWS(pages) },
};
