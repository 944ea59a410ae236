/*
 * bind: a JSON object into a struct, by a table of its members.
 *
 * Owns:   what is said of a member that is wrong.
 * Not:    defaults: what was not given is left as it is in the struct.
 * Limit:  64 members, as deep as lib/json checks; 1 to 256 characters for an
 *         item of a list.
 */
#ifndef IO7_LIB_JSON_BIND_H
#define IO7_LIB_JSON_BIND_H

#include "lib/base/err.h"
#include "lib/base/opt.h"

/*
 * The C type that each is bound to; behind the bar the one of a member that is
 * not required.
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
	/* Of a text: line breaks and tabs are no fault. */
	bool lines;
	size_t offset;
	/* Characters, value or items; max below min: no end; both 0: any. */
	int64_t min, max;
	/* What a text or an item may be, up to a NULL; NULL: anything. */
	const char *const *choices;
};

struct bind_problem {
	struct str field; /* empty where it is the whole body */
	const char *sentence;
};

/*
 * E_BAD_REQUEST with the first problem; a member that the table does not name
 * is one, as is a member given twice. E_TOO_LARGE: no memory left.
 */
enum err bind_object(struct arena *, struct str body, const struct bind_field *,
    size_t n, void *to, struct bind_problem *) MUST_CHECK;

#endif
