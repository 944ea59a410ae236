/*
 * str: a slice of bytes, and a buffer that text is written to.
 *
 * Owns:   nothing; a slice borrows, a buffer writes to an arena or an array.
 * Not:    terminated: a slice may hold NUL, and is never passed to libc.
 * Limit:  a buffer that runs out drops the rest and says so in `failed`.
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
/* ASCII letters compare alike in either case. */
bool str_eq_nocase(struct str, struct str);
bool str_starts(struct str, struct str prefix);
/* Without ASCII white space at both ends. */
struct str str_trim(struct str);

/* Takes the text before `by` off the front of rest; false at the end. */
bool str_split(struct str *rest, char by, struct str *piece);

/* A plain decimal number without sign, blank or overflow. */
bool str_to_u64(struct str, uint64_t *) MUST_CHECK;

/* The value of a hexadecimal digit of either case, or -1. */
int str_hex_digit(char);

/* The bytes of the character at the front; 0 where there is none. */
size_t str_utf8_step(struct str);
bool str_is_utf8(struct str);
/* The number of code points, or SIZE_MAX where it is not UTF-8. */
size_t str_utf8_length(struct str);
/* C0, DEL or C1; where it may have lines, their ends and tabs are none. */
bool str_has_control(struct str, bool lines);

/* Each %XX once; false on a bad escape or where memory ran out. */
bool str_unpercent(struct arena *, struct str, struct str *) MUST_CHECK;

struct buf {
	struct arena *mem;
	char *p;
	size_t n, cap;
	bool failed;
};

void buf_init(struct buf *, struct arena *);
/* Writes to an array; what does not fit is dropped. */
void buf_init_fixed(struct buf *, char *room, size_t);

void buf_add(struct buf *, const void *, size_t);
void buf_str(struct buf *, struct str);
void buf_puts(struct buf *, const char *);
void buf_putc(struct buf *, char);
void buf_printf(struct buf *, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *, const char *format, va_list);
/* A quoted JSON string; bytes that are not UTF-8 become U+FFFD. */
void buf_json(struct buf *, struct str);
/* All but letters, digits and "-._~" as %XX. */
void buf_percent(struct buf *, struct str);
struct str buf_view(const struct buf *);

#endif
