/*
 * stored: a jq program on a stored value, outside of a request.
 *
 * The result is saved over the version that was read. If the value changed in
 * between, the program runs again on the new one.
 *
 * Limit:  the process has opened jq: transform_process of jq.h.
 */
#ifndef IO7_FCGI_TRANSFORM_STORED_H
#define IO7_FCGI_TRANSFORM_STORED_H

#include "fcgi/db/door.h"
#include "fcgi/service.h"

struct stored_transform {
	const struct service *service;
	struct arena *mem;
	const struct tenant *tenant;
	enum mode mode;
	int64_t store_max; /* bytes of the store */
	struct str key, program;
	int64_t deadline_ns;

	struct str result; /* as it was saved, JSON */
	int64_t version;
	const char *warning; /* or NULL */
	const char *why;     /* of a failure, as a public sentence */
};

/*
 * E_NOT_FOUND: there is no such key. E_BAD_REQUEST: the program, or its result.
 * E_CONFLICT: the value changed each time. E_TIMEOUT, E_TOO_LARGE,
 * E_STORAGE_FULL, E_UNAVAILABLE.
 */
enum err transform_stored(struct stored_transform *) MUST_CHECK;

#endif
