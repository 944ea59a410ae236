/*
 * The errors table. nginx answers a few of these by itself, before a worker
 * sees the request; a test compares its copies with the rows here.
 */
#include "lib/base/err.h"

#include "lib/base/panic.h"

/* clang-format off */
static const struct err_row rows[] = {
	[OK] = {"ok", 200, "Done."},
	[E_BAD_REQUEST] = {"bad_request", 400,
		"The request is malformed."},
	[E_UNAUTHORIZED] = {"unauthorized", 401,
		"A valid credential is required."},
	[E_FORBIDDEN] = {"forbidden", 403,
		"This credential may not do that."},
	[E_HTTPS_REQUIRED] = {"https_required", 403,
		"Use HTTPS: a key sent in the clear is not accepted."},
	[E_NOT_FOUND] = {"not_found", 404,
		"There is nothing here."},
	[E_METHOD_NOT_ALLOWED] = {"method_not_allowed", 405,
		"This path does not know that method."},
	[E_CONFLICT] = {"conflict", 409,
		"The request conflicts with what is stored."},
	[E_PRECONDITION_FAILED] = {"precondition_failed", 412,
		"A condition of the request does not hold."},
	[E_TOO_LARGE] = {"too_large", 413,
		"The request is larger than allowed."},
	[E_URI_TOO_LONG] = {"uri_too_long", 414,
		"The address is longer than allowed."},
	[E_UNSUPPORTED_MEDIA_TYPE] = {"unsupported_media_type", 415,
		"The body's type or encoding is not supported."},
	[E_RATE_LIMITED] = {"rate_limited", 429,
		"Too many requests; wait a little."},
	[E_QUOTA_EXCEEDED] = {"quota_exceeded", 429,
		"The day's allowance is used up."},
	[E_STORAGE_FULL] = {"storage_full", 507,
		"The plan's storage is full."},
	[E_INTERNAL] = {"internal", 500,
		"Something went wrong on our side."},
	[E_BAD_GATEWAY] = {"bad_gateway", 502,
		"A service that this needs did not answer properly."},
	[E_UNAVAILABLE] = {"unavailable", 503,
		"The service is not available; try again shortly."},
	[E_TIMEOUT] = {"timeout", 504,
		"The request took too long."},
};
/* clang-format on */

_Static_assert(ARRAY_LEN(rows) == ERR_COUNT, "every error has its row");

const struct err_row *
err_row(enum err e)
{
	if ((unsigned)e >= ERR_COUNT || !rows[e].code)
		BUG("no row for error %d", (int)e);
	return &rows[e];
}
