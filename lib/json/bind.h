/*
 * bind: reads a JSON object into a struct, by a table of its members.
 *
 * Owns:   the sentences about members that are wrong.
 * Not:    defaults: a member that is missing leaves its field unchanged.
 * Limit:  64 members; 1 to 256 characters for an item of a list.
 */
#ifndef IO7_LIB_JSON_BIND_H
#define IO7_LIB_JSON_BIND_H

#include "lib/base/err.h"
#include "lib/base/opt.h"

/*
 * The C type that each is bound to; after the bar, the type for an optional
 * member.
 */
enum bind_type {
	BIND_TEXT, /* struct str | struct str, p is NULL */
	BIND_INT,  /* int64_t | struct opt_int64 */
	BIND_BOOL, /* bool | struct opt_bool */
	BIND_LIST, /* struct array of struct str | the same, n is 0 */
	BIND_TIME, /* int64_t, RFC 3339 | struct opt_int64 */
	BIND_JSON, /* struct str, any value as it was written | the same */
};

struct bind_field {
	const char *name;
	enum bind_type type;
	bool required;
	/* A text may have line breaks and tabs. */
	bool lines;
	size_t offset;
	/*
	 * Bounds of the characters, the value or the items; max < min: no
	 * maximum; both 0: any.
	 */
	int64_t min, max;
	/* The texts that are allowed, up to a NULL; NULL: any. */
	const char *const *choices;
};

struct bind_problem {
	struct str field; /* empty: the body as a whole */
	const char *sentence;
};

/*
 * E_BAD_REQUEST with the first problem; members that are unknown or repeated
 * are problems too. E_TOO_LARGE: no memory.
 */
enum err bind_object(struct arena *, struct str body, const struct bind_field *,
    size_t n, void *to, struct bind_problem *) MUST_CHECK;

#endif
