/*
 * base: what every file of io7 may use: plain C headers and a few attributes.
 *
 * Not:    a place for helpers: each of those has a module of its own.
 */
#ifndef IO7_LIB_BASE_BASE_H
#define IO7_LIB_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST_CHECK            __attribute__((warn_unused_result))
#define NORETURN              __attribute__((noreturn))
#define PRINTF_LIKE(at, args) __attribute__((format(printf, at, args)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
/* An array as the first members of a struct: its rows and their number. */
#define ROWS(a) (a), ARRAY_LEN(a)

/* Nanoseconds, the unit of every monotonic time and deadline. */
#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_US INT64_C(1000)
#define US_PER_S  INT64_C(1000000)

#include "lib/base/banned.h"

#endif
