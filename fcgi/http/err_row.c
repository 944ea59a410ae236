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
	[E_FORBIDDEN] = {403, "This credential may not do that."},
	[E_HTTPS_REQUIRED] = {403,
		"Use HTTPS: a key sent in the clear is not accepted."},
	[E_NOT_FOUND] = {404, "There is nothing here."},
	[E_METHOD_NOT_ALLOWED] = {405, "This path does not know that method."},
	[E_CONFLICT] = {409, "The request conflicts with what is stored."},
	[E_PRECONDITION_FAILED] = {412,
		"A condition of the request does not hold."},
	[E_TOO_LARGE] = {413, "The request is larger than allowed."},
	[E_URI_TOO_LONG] = {414, "The address is longer than allowed."},
	[E_UNSUPPORTED_MEDIA_TYPE] = {415,
		"The body's type or encoding is not supported."},
	[E_RATE_LIMITED] = {429, "Too many requests; wait a little."},
	[E_QUOTA_EXCEEDED] = {429, "The day's allowance is used up."},
	[E_STORAGE_FULL] = {507, "The plan's storage is full."},
	[E_INTERNAL] = {500, "Something went wrong on our side."},
	[E_BAD_GATEWAY] = {502,
		"A service that this needs did not answer properly."},
	[E_UNAVAILABLE] = {503,
		"The service is not available; try again shortly."},
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
