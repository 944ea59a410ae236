/*
 * nginx answers a few of these itself, before a worker sees the request. A test
 * compares the copies in conf/nginx/http.conf with these rows.
 */
#include "fcgi/http/err_row.h"

#include "lib/base/panic.h"

/* clang-format off */
static const struct err_row rows[] = {
	[OK] = {200, "Done."},
	[E_BAD_REQUEST] = {400, "The request is malformed."},
	[E_UNAUTHORIZED] = {401, "A valid credential is required."},
	[E_FORBIDDEN] = {403, "The credential lacks the required permission."},
	[E_HTTPS_REQUIRED] = {403,
		"HTTPS is required: credentials sent over plain HTTP are refused."},
	[E_NOT_FOUND] = {404, "The resource does not exist."},
	[E_METHOD_NOT_ALLOWED] = {405, "The method is not allowed for this path."},
	[E_CONFLICT] = {409, "The request conflicts with the stored data."},
	[E_PRECONDITION_FAILED] = {412,
		"A precondition of the request does not hold."},
	[E_TOO_LARGE] = {413, "The request is larger than allowed."},
	[E_URI_TOO_LONG] = {414, "The URL is longer than allowed."},
	[E_UNSUPPORTED_MEDIA_TYPE] = {415,
		"The media type or encoding of the body is not supported."},
	[E_RATE_LIMITED] = {429, "Too many requests; try again later."},
	[E_QUOTA_EXCEEDED] = {429, "The daily quota is used up."},
	[E_MISDIRECTED] = {421, "Another host has this resource."},
	[E_STORAGE_FULL] = {507, "The plan's storage is full."},
	[E_INTERNAL] = {500, "An internal error occurred."},
	[E_BAD_GATEWAY] = {502,
		"An upstream service did not answer correctly."},
	[E_UNAVAILABLE] = {503,
		"The service is unavailable; try again shortly."},
	[E_TIMEOUT] = {504, "The request took too long."},
};
/* clang-format on */

_Static_assert(ARRAY_LEN(rows) == ERR_COUNT, "every error has its row");

const struct err_row *
err_row(enum err e)
{
	if ((unsigned)e >= ERR_COUNT || !rows[e].sentence)
		BUG("no row for error %d", (int)e);
	return &rows[e];
}
