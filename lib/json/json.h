/*
 * json: a strict check, raw slices of checked text, and trees.
 *
 * Owns:   trees, until their arena is reset; a slice borrows from its text.
 * Not:    writing: buf_json() and lib/json/member.h do that.
 * Limit:  1,024 levels to check and slice; 64 levels and 256 KiB for a tree.
 */
#ifndef IO7_LIB_JSON_JSON_H
#define IO7_LIB_JSON_JSON_H

#include "lib/base/err.h"
#include "lib/base/str.h"

enum {
	JSON_DEPTH_MAX = 1024,
	JSON_TREE_DEPTH = 64,
	JSON_TREE_TEXT = 256 * 1024,
};

/* --- The check: strict RFC 8259, in one pass, without memory. ------------- */

struct json_fault {
	size_t at; /* the byte, from 0 */
	const char *reason;
};

/* JSON that the RFC allows but PostgreSQL may refuse. */
struct json_facts {
	bool has_nul;            /* \u0000 in a string or name */
	bool has_lone_surrogate; /* half of a surrogate pair */
	size_t
	    digits; /* of the longest number, with its exponent written out */
	size_t implied; /* digits that exponents add, in all numbers */
};

/* At most `depth` nested arrays and objects. Facts and fault may be NULL. */
bool json_check(struct str text, unsigned depth, struct json_facts *,
    struct json_fault *) MUST_CHECK;

/*
 * True if each number keeps its value as a double that is printed with up to 17
 * digits. Only for text that passed the check.
 */
bool json_fits_doubles(struct str text);

/* --- Slices: only of text that passed the check. -------------------------- */

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT,
};

enum json_kind json_kind(struct str value);

/* Decodes a string; false for a lone surrogate or without memory. */
bool json_unquote(struct arena *, struct str value, struct str *) MUST_CHECK;
/* A number written as an integer that fits. */
bool json_to_int(struct str value, int64_t *) MUST_CHECK;
/* The value is true. */
bool json_is_true(struct str value);

/* Iterates over the elements of an array or the members of an object. */
struct json_walk {
	struct arena *mem;
	struct str rest;
	bool is_object;
	/* It stopped early: a lone surrogate in a name, or no memory. */
	bool failed;
};

struct json_item {
	struct str name; /* decoded; empty in an array */
	struct str value;
};

void json_walk(struct json_walk *, struct arena *, struct str value);
bool json_next(struct json_walk *, struct json_item *);

/* --- Trees: for answers that are searched, not bound. --------------------- */

struct json;

/*
 * E_BAD_REQUEST with the fault: also for repeated names, \u0000 and lone
 * surrogates. E_TOO_LARGE: past the limits, or no memory.
 */
enum err json_parse(struct arena *, struct str text, const struct json **,
    struct json_fault *) MUST_CHECK;

/*
 * All accept NULL, so that a path needs no test at each step. A text without p,
 * and false, mean that there is no value of that kind.
 */
const struct json *json_get(const struct json *, const char *name);
const struct json *json_first(const struct json *);
const struct json *json_after(const struct json *);
bool json_is(const struct json *, enum json_kind);
struct str json_text(const struct json *);
/* A whole number between -2^53 and 2^53, both excluded. */
bool json_int(const struct json *, int64_t *) MUST_CHECK;
bool json_bool(const struct json *, bool *) MUST_CHECK;
/* Any number, rounded to a double. */
bool json_real(const struct json *, double *) MUST_CHECK;

#endif
