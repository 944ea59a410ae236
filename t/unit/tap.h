/*
 * tap: assertions that print TAP, for the C tests.
 *
 * Owns:   the number of assertions of this program.
 * Not:    a framework: main() calls its tests and returns tap_done().
 */
#ifndef IO7_T_UNIT_TAP_H
#define IO7_T_UNIT_TAP_H

#include "lib/base/str.h"

static int tap_count, tap_failed;

static inline bool ok(bool good, const char *format, ...) PRINTF_LIKE(2, 3);

static inline bool
ok(bool good, const char *format, ...)
{
	va_list args;

	tap_count++;
	tap_failed += !good;
	printf("%s %d - ", good ? "ok" : "not ok", tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return good;
}

static inline void
is_str(const char *got, const char *want, const char *what)
{
	if (!ok(got && strcmp(got, want) == 0, "%s", what))
		printf("#   got: %s\n#  want: %s\n", got ? got : "(null)",
		    want);
}

static inline void
is_slice(struct str got, const char *want, const char *what)
{
	if (!ok(str_eq(got, str_of(want)), "%s", what))
		printf("#   got: %.*s\n#  want: %s\n", STR_ARGS(got), want);
}

static inline void
is_int(long long got, long long want, const char *what)
{
	if (!ok(got == want, "%s", what))
		printf("#   got: %lld\n#  want: %lld\n", got, want);
}

/* The plan, and the exit code of the program. */
static inline int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
