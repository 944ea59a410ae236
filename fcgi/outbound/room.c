/*
 * The room outbound: its option. It has no routes: other rooms send requests.
 */
#include "fcgi/room.h"

#include "fcgi/outbound/options.h"
#include "fcgi/outbound/outbound.h"

static const struct room_limit limits[] = {
	{ LIMITS_REQUESTS, "Length of a URL that requests are sent to", "URL",
	    OUTBOUND_URL_MAX, "bytes", .err = E_BAD_REQUEST, .field = "url" },
	{ LIMITS_REQUESTS, "Redirects of a request that io7 sends", "request",
	    OUTBOUND_REDIRECTS, "redirects", .effect = "the request fails" },
};

const struct room outbound_room = {
	.name = "outbound",
	.options = &outbound_options,
	.limits = { ROWS(limits) },
};
