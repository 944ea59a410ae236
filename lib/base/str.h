/*
 * str: slices of bytes, and buffers that text is written to.
 *
 * Owns:   no memory: a slice borrows; a buffer writes to an arena or an array.
 * Not:    terminated: a slice may contain NUL and is never passed to libc.
 * Limit:  a buffer that is full drops the rest and sets `failed`.
 */
#ifndef IO7_LIB_BASE_STR_H
#define IO7_LIB_BASE_STR_H

#include "lib/base/arena.h"

#include <stdarg.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
/* For printf's "%.*s". */
#define STR_ARGS(s) (int)(s).n, (s).p

/* NULL gives the empty slice. */
struct str str_of(const char *);
bool str_eq(struct str, struct str);
/* Ignores the case of ASCII letters. */
bool str_eq_nocase(struct str, struct str);
bool str_starts(struct str, struct str prefix);
/* Without ASCII white space at both ends. */
struct str str_trim(struct str);

/* Takes the text up to the next `by` off the front; false at the end. */
bool str_split(struct str *rest, char by, struct str *piece);

/* Decimal digits only; false on overflow. */
bool str_to_u64(struct str, uint64_t *) MUST_CHECK;

/* The value of a hexadecimal digit of either case, or -1. */
int str_hex_digit(char);

/* The length of the UTF-8 character at the front; 0 if it is not valid. */
size_t str_utf8_step(struct str);
bool str_is_utf8(struct str);
/* The text without its last character, if that is not complete. */
struct str str_whole_utf8(struct str);
/* The number of code points, or SIZE_MAX if it is not UTF-8. */
size_t str_utf8_length(struct str);
/* C0, DEL or C1; with `lines`, line breaks and tabs are allowed. */
bool str_has_control(struct str, bool lines);

/* Decodes each %XX once; false for a bad escape or without memory. */
bool str_unpercent(struct arena *, struct str, struct str *) MUST_CHECK;

struct buf {
	struct arena *mem;
	char *p;
	size_t n, cap;
	bool failed;
};

void buf_init(struct buf *, struct arena *);
/* Writes to an array and never grows. */
void buf_init_fixed(struct buf *, char *array, size_t);

void buf_add(struct buf *, const void *, size_t);
void buf_str(struct buf *, struct str);
void buf_puts(struct buf *, const char *);
void buf_putc(struct buf *, char);
/* In decimal; cheaper than buf_printf(). */
void buf_int(struct buf *, int64_t);
void buf_printf(struct buf *, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *, const char *format, va_list);
/* A JSON string in quotes; bytes that are not UTF-8 become U+FFFD. */
void buf_json(struct buf *, struct str);
/* Encodes all but letters, digits and "-._~" as %XX. */
void buf_percent(struct buf *, struct str);
struct str buf_view(const struct buf *);
/* Ends it with a NUL and returns the text, or `otherwise` if it failed. */
const char *buf_text(struct buf *, const char *otherwise);
/* A text in the arena; without memory `otherwise`. */
const char *text_printf(struct arena *, const char *otherwise,
    const char *format, ...) PRINTF_LIKE(3, 4);

#endif
