/*
 * json: a strict check, raw slices of what was checked, and trees.
 *
 * Owns:   trees, until their arena is reset; a slice borrows from its text.
 * Not:    writing: that is buf_json() and its kin.
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

/* --- The check: RFC 8259 to the letter, in one pass, without memory. ------ */

struct json_fault {
	size_t at; /* the byte, from 0 */
	const char *reason;
};

/* What the RFC allows and a database may not. */
struct json_facts {
	bool has_nul;            /* \u0000 in a string or a name */
	bool has_lone_surrogate; /* \ud800 without its other half */
	size_t digits;  /* of the longest number, its exponent written out */
	size_t implied; /* digits of all numbers that exponents stand for */
};

/* Arrays and objects nest `depth` deep at most. Facts and fault may be NULL. */
bool json_check(struct str text, unsigned depth, struct json_facts *,
    struct json_fault *) MUST_CHECK;

/*
 * Of text that passed the check: whether each of its numbers comes out as it
 * went in where it is kept as a double and printed with 17 digits at most.
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

/* What a text says; false for a lone surrogate or where memory ran out. */
bool json_unquote(struct arena *, struct str value, struct str *) MUST_CHECK;
/* Only what is written as a whole number, and fits. */
bool json_to_int(struct str value, int64_t *) MUST_CHECK;
/* The value is true. */
bool json_is_true(struct str value);

/* Walks through the elements of an array or the members of an object. */
struct json_walk {
	struct arena *mem;
	struct str rest;
	bool is_object;
	/* It ended early: a name with a lone surrogate, or no memory. */
	bool failed;
};

struct json_item {
	struct str name; /* said, not quoted; empty in an array */
	struct str value;
};

void json_walk(struct json_walk *, struct arena *, struct str value);
bool json_next(struct json_walk *, struct json_item *);

/* --- Trees: for answers that are searched rather than bound. -------------- */

struct json;

/*
 * E_BAD_REQUEST with the fault, also for a name given twice, for \u0000 and
 * for a lone surrogate; E_TOO_LARGE where it does not fit.
 */
enum err json_parse(struct arena *, struct str text, const struct json **,
    struct json_fault *) MUST_CHECK;

/*
 * NULL goes in and comes out: a path is followed without a test at each step.
 * A text without p, and false, mean that there is no such value.
 */
const struct json *json_get(const struct json *, const char *name);
const struct json *json_first(const struct json *);
const struct json *json_after(const struct json *);
bool json_is(const struct json *, enum json_kind);
struct str json_text(const struct json *);
/* A whole number between -2^53 and 2^53, both excluded. */
bool json_int(const struct json *, int64_t *) MUST_CHECK;
bool json_bool(const struct json *, bool *) MUST_CHECK;
/* Any number, as near as a double comes. */
bool json_real(const struct json *, double *) MUST_CHECK;

#endif
