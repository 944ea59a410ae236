/*
 * err_row: the HTTP status and the public sentence of each error.
 *
 * Not:    the codes: those are in lib/base/err.h.
 */
#ifndef IO7_FCGI_HTTP_ERR_ROW_H
#define IO7_FCGI_HTTP_ERR_ROW_H

#include "lib/base/err.h"

struct err_row {
	int status;
	const char *sentence;
};

const struct err_row *err_row(enum err);

#endif
