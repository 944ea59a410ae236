/*
 * The code of each error.
 */
#include "lib/base/err.h"

#include "lib/base/panic.h"

static const char *const codes[] = {
	[OK] = "ok",
	[E_BAD_REQUEST] = "bad_request",
	[E_UNAUTHORIZED] = "unauthorized",
	[E_FORBIDDEN] = "forbidden",
	[E_HTTPS_REQUIRED] = "https_required",
	[E_NOT_FOUND] = "not_found",
	[E_METHOD_NOT_ALLOWED] = "method_not_allowed",
	[E_CONFLICT] = "conflict",
	[E_PRECONDITION_FAILED] = "precondition_failed",
	[E_TOO_LARGE] = "too_large",
	[E_URI_TOO_LONG] = "uri_too_long",
	[E_UNSUPPORTED_MEDIA_TYPE] = "unsupported_media_type",
	[E_RATE_LIMITED] = "rate_limited",
	[E_QUOTA_EXCEEDED] = "quota_exceeded",
	[E_MISDIRECTED] = "misdirected",
	[E_STORAGE_FULL] = "storage_full",
	[E_INTERNAL] = "internal",
	[E_BAD_GATEWAY] = "bad_gateway",
	[E_UNAVAILABLE] = "unavailable",
	[E_TIMEOUT] = "timeout",
};

_Static_assert(ARRAY_LEN(codes) == ERR_COUNT, "every error has a code");

const char *
err_code(enum err e)
{
	if ((unsigned)e >= ERR_COUNT || !codes[e])
		BUG("no code for error %d", (int)e);
	return codes[e];
}
