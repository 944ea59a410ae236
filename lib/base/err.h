/*
 * err: everything that can go wrong with a request, as one list.
 *
 * Not:    HTTP status and public sentence: those are in fcgi/http/err_row.h.
 *         Private detail goes to the log with the request.
 */
#ifndef IO7_LIB_BASE_ERR_H
#define IO7_LIB_BASE_ERR_H

#include "lib/base/base.h"

enum err {
	OK,
	E_BAD_REQUEST,
	E_UNAUTHORIZED,
	E_FORBIDDEN,
	E_HTTPS_REQUIRED,
	E_NOT_FOUND,
	E_METHOD_NOT_ALLOWED,
	E_CONFLICT,
	E_PRECONDITION_FAILED,
	E_TOO_LARGE,
	E_URI_TOO_LONG,
	E_UNSUPPORTED_MEDIA_TYPE,
	E_RATE_LIMITED,
	E_QUOTA_EXCEEDED,
	E_MISDIRECTED,
	E_STORAGE_FULL,
	E_INTERNAL,
	E_BAD_GATEWAY,
	E_UNAVAILABLE,
	E_TIMEOUT,
	ERR_COUNT
};

/* Its name in answers and in the log, such as "bad_request". */
const char *err_code(enum err);

#endif
